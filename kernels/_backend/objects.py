"""Machine code of the loops as object files, by Numba's own code generation."""

import importlib
import pkgutil
from typing import Any

import llvmlite.binding as llvm
from numba.core import codegen, sigutils
from numba.core.caching import NullCache

from kernels._backend.artifacts import PACKAGE
from kernels._backend.compiled import prebuilt_name
from kernels._backend.jit import config


def modules() -> list[str]:
    """Return the modules with loops that Python calls, those that take longest to compile first."""
    found = [
        f"kernels.{folder}.{module.name}"
        for folder in ("_text", "_drivers")
        for module in pkgutil.iter_modules([str(PACKAGE / folder)])
    ]
    return sorted(found, key=lambda name: -len(loops(name)) - 100 * name.endswith(("scan", ".signals")))


def loops(module: str) -> dict[str, Any]:
    """Return the loops of a module, by the names that `kernels._backend.compiled.loop` looks for."""
    found = [value for value in vars(importlib.import_module(module)).values() if hasattr(value, "signature")]
    return {prebuilt_name(loop.py_func): loop for loop in found if loop.py_func.__module__ == module}


def types(loop: Any) -> tuple[Any, Any]:
    """Return what a loop takes and returns."""
    parse: Any = sigutils.normalize_signature
    arguments, returned = parse(loop.signature)
    return arguments, returned


def object_files(module: str, level: str) -> dict[str, bytes]:
    """Compile the loops of a module for a level of CPUs; each becomes a function of its name."""
    cpu: Any = level.replace("_", "-")
    config.CPU_NAME, config.CPU_FEATURES = cpu, ""
    # It is linked, and never run in this process: no machine code that is for this process.
    library: Any = codegen.JITCodeLibrary
    library._finalize_specific = lambda _library: None  # noqa: SLF001 - Numba has no option for it
    found = loops(module)
    code = {name: compiled(loop) for name, loop in found.items()}  # before names change: some call others
    for name, (loop, symbol) in code.items():
        loop.get_function(symbol).name = name
    target: Any = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(
        cpu=cpu, features="", opt=config.OPT, reloc="pic", codemodel="default"
    )
    return {name: machine.emit_object(loop) for name, (loop, _symbol) in code.items()}


def compiled(loop: Any) -> tuple[Any, str]:
    """Return the module that LLVM has of a loop and all that it calls, and its name there."""
    arguments, _ = types(loop)
    loop.targetoptions["no_cpython_wrapper"] = True
    loop._cache = NullCache()  # noqa: SLF001 - one that calls another must not find code for this process
    loop.compile(arguments)
    found = loop.overloads[arguments]
    module = found.library._final_module  # noqa: SLF001 - what Numba itself makes object files of
    for function in module.functions:
        if not function.is_declaration and function.linkage.name not in ("private", "internal"):
            function.visibility = "hidden"
    return module, found.fndesc.llvm_func_name
