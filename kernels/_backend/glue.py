"""The C source of a prebuilt module: what Python calls, and what the loops ask of Numba's runtime."""

from typing import Any

TYPES = {
    "float64": ("double", "NPY_FLOAT64", "PyFloat_AsDouble", "PyFloat_FromDouble"),
    "float32": ("float", "NPY_FLOAT32", "", ""),
    "int64": ("int64_t", "NPY_INT64", "PyLong_AsLongLong", "PyLong_FromLongLong"),
    "int32": ("int32_t", "NPY_INT32", "", ""),
    "int8": ("int8_t", "NPY_INT8", "", ""),
    "uint8": ("uint8_t", "NPY_UINT8", "", ""),
}

HEAD = """\
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <Python.h>
#include <numpy/arrayobject.h>

/* Memory of scratch arrays: Numba's code counts references itself, and reads where the data is. */
typedef struct { size_t references; void *unused[2]; char *data; } Memory;

void *NRT_MemInfo_alloc_aligned(size_t size, unsigned align) {
    Memory *memory = size < PY_SSIZE_T_MAX / 2 ? malloc(sizeof *memory + align + size) : NULL;
    if (memory) {
        memory->references = 1;
        memory->data = (char *)(((uintptr_t)(memory + 1) + align - 1) / align * align);
    }
    return memory;
}

void NRT_MemInfo_call_dtor(void *memory) { free(memory); }

static PyArrayObject *array_of(PyObject *x, int type, int dimensions) {
    PyArrayObject *array = (PyArrayObject *)x;
    if (PyArray_Check(x) && PyArray_TYPE(array) == type && PyArray_NDIM(array) == dimensions
        && PyArray_ISCARRAY(array))
        return array;
    PyErr_SetString(PyExc_TypeError, "a loop takes plain arrays of the types that it was compiled for");
    return NULL;
}
"""

FUNCTION = """
int32_t {name}({result} *, void **{parameters});

static PyObject *call_{name}(PyObject *self, PyObject *const *x, Py_ssize_t count) {{
    {result} result = 0;
    void *error = NULL;
    int32_t failed;
    if (count != {count}) return PyErr_Format(PyExc_TypeError, "{name} takes {count} arguments");
{conversions}    Py_BEGIN_ALLOW_THREADS
    failed = {name}(&result, &error{arguments});
    Py_END_ALLOW_THREADS
    if (failed) return PyErr_NoMemory();
    {returned}
}}
"""

TAIL = """
static PyMethodDef methods[] = {{
{methods}    {{NULL, NULL, 0, NULL}}
}};

static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", NULL, -1, methods}};

PyMODINIT_FUNC PyInit_{name}(void) {{
    import_array();
    return PyModule_Create(&module);
}}
"""


def source(name: str, signatures: dict[str, tuple[Any, Any]]) -> str:
    """Return the source of a module with functions of these names and types, as Numba says them."""
    functions = [function(each, *types) for each, types in signatures.items()]
    methods = "".join(
        f'    {{"{each}", (PyCFunction)(void *)call_{each}, METH_FASTCALL, NULL}},\n' for each in signatures
    )
    return "".join([HEAD, *functions, TAIL.format(name=name, methods=methods)])


def function(name: str, kinds: Any, returns: Any) -> str:
    """Return a function that converts its arguments, calls a loop without holding the lock, and returns."""
    conversions = parameters = arguments = ""
    for i, kind in enumerate(kinds):
        number, array, from_python, _ = TYPES[str(getattr(kind, "dtype", kind))]
        if from_python and not hasattr(kind, "dtype"):
            conversions += f"    {number} a{i} = {from_python}(x[{i}]);\n"
            conversions += f"    if (a{i} == -1 && PyErr_Occurred()) return NULL;\n"
            parameters += f", {number}"
            arguments += f", a{i}"
        else:
            conversions += f"    PyArrayObject *a{i} = array_of(x[{i}], {array}, {kind.ndim});\n"
            conversions += f"    if (!a{i}) return NULL;\n"
            parameters += ", void *, void *, int64_t, int64_t, void *" + 2 * kind.ndim * ", int64_t"
            arguments += f", NULL, NULL, PyArray_SIZE(a{i}), sizeof({number}), PyArray_DATA(a{i})"
            arguments += "".join(f", PyArray_DIM(a{i}, {k})" for k in range(kind.ndim))
            arguments += "".join(f", PyArray_STRIDE(a{i}, {k})" for k in range(kind.ndim))
    number, _, _, to_python = TYPES.get(str(returns), ("void *", "", "", ""))
    return FUNCTION.format(
        name=name,
        result=number,
        count=len(kinds),
        parameters=parameters,
        conversions=conversions,
        arguments=arguments,
        returned=f"return {to_python}(result);" if to_python else "Py_RETURN_NONE;",
    )
