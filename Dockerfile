# The kernels are compiled here, for every level of CPUs; no compiler and no Numba goes on.
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends g++ python3-dev

WORKDIR /source
COPY requirements*.txt ./
# What stays behind: Numba, which prebuilt kernels do not need, and parts of pyarrow that read no files.
RUN python -m venv --without-pip /venv \
    && grep -vE "^(llvmlite|numba)==" requirements.txt > runtime.txt \
    && pip --python /venv/bin/python install --no-cache-dir -r runtime.txt \
    && cd /venv/lib/python3*/site-packages \
    && rm -r pyarrow/include pyarrow/tests pyarrow/libarrow_flight* pyarrow/libarrow_s3*
COPY setup.py pyproject.toml README.md LICENSE ./
COPY kernels kernels
COPY mlops_task mlops_task
RUN pip wheel --no-cache-dir --no-deps --wheel-dir dist . \
    && pip --python /venv/bin/python install --no-cache-dir --no-deps dist/*.whl \
    && cd / && KERNELS_BACKEND=native /venv/bin/python -m kernels


FROM python:3.13-slim

LABEL org.opencontainers.image.title="mlops-task" \
      org.opencontainers.image.description="Exact rolling means and signals of price bars" \
      org.opencontainers.image.licenses="MIT"

# Nothing here multiplies matrices; idle BLAS threads would cost the start a third of its processor time.
ENV OPENBLAS_NUM_THREADS=1
COPY --from=build /venv /venv
COPY cli.py /app/
# Any uid may run the job: it writes its outputs here, if nowhere else.
WORKDIR /job
COPY config.yaml data.csv ./
RUN chmod 1777 .

USER 1000:1000
ENTRYPOINT ["/venv/bin/python", "/app/cli.py"]
