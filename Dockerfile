FROM python:3.13-slim

LABEL org.opencontainers.image.title="mlops-task" \
      org.opencontainers.image.description="Exact rolling means and signals of price bars" \
      org.opencontainers.image.licenses="MIT"

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt
COPY kernels kernels
COPY pipeline pipeline
COPY cli.py .
RUN python -m compileall -q .

WORKDIR /job
COPY config.yaml data.csv ./
# Any uid may run the job: it writes its outputs here, and Numba its cache.
ENV NUMBA_CACHE_DIR=/var/cache/kernels
RUN chmod 1777 . && mkdir -m 1777 $NUMBA_CACHE_DIR

USER 1000:1000
ENTRYPOINT ["python", "/app/cli.py"]
