# The emulator in a container: docker build -t pardot-mock . && docker run -p 127.0.0.1:8000:8000 pardot-mock
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/pardot-mock
COPY pyproject.toml README.md LICENSE ./
COPY mock_server mock_server
COPY client client
COPY contract_tests contract_tests
COPY fixtures fixtures
RUN /opt/pardot-mock/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.12-slim
# A user of its own, which owns nothing but the place of the sealed result files.
RUN useradd --system --uid 10001 --home-dir /var/lib/pardot-mock --shell /usr/sbin/nologin mock \
    && install -d -o mock -g mock -m 0700 /var/lib/pardot-mock
COPY --from=build /opt/pardot-mock /opt/pardot-mock
ENV PATH=/opt/pardot-mock/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PARDOT_MOCK_DATA_DIR=/var/lib/pardot-mock
USER mock
WORKDIR /var/lib/pardot-mock
EXPOSE 8000

# Python instead of curl, which the slim image does not have; http.client heeds no proxy variables.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PARDOT_MOCK_PORT', '8000')), timeout=2); c.request('GET', '/_mock/health'); sys.exit(c.getresponse().status != 200)"]

# Bound wider than loopback, so the control plane asks for a Bearer token: the one in
# PARDOT_MOCK_CONTROL_TOKEN, else one made up at the start and printed with the credentials.
CMD ["pardot-mock", "serve", "--host", "0.0.0.0"]
