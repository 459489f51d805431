"""Names of packages that many depend on, and names that were surely meant to be mistaken for them."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = """
    aiohttp alembic ansible anyio asyncpg attrs azure-core babel bcrypt beautifulsoup4 black boto3 botocore cachetools
    celery certifi cffi chardet charset-normalizer click colorama coverage cryptography cython dask django docker
    docutils fastapi filelock flake8 flask fsspec google-auth greenlet grpcio gunicorn h11 httpcore httpx
    huggingface-hub idna importlib-metadata isort jinja2 jmespath joblib jsonschema jupyter keras kubernetes langchain
    lxml markdown markupsafe matplotlib mypy mysqlclient networkx nltk numba numpy oauthlib openai opencv-python
    openpyxl packaging pandas paramiko pillow pip platformdirs playwright pluggy poetry prometheus-client protobuf
    psutil psycopg2 psycopg2-binary pyarrow pyasn1 pycparser pydantic pygments pyjwt pylint pymongo pymysql pynacl
    pyopenssl pyparsing pytest pytest-cov python-dateutil python-dotenv pytz pyyaml redis regex requests rich rsa ruff
    scikit-learn scipy scrapy selenium sentry-sdk setuptools six sniffio sqlalchemy starlette sympy tabulate tensorflow
    tokenizers torch torchvision tornado tqdm transformers typer typing-extensions tzdata urllib3 uvicorn uvloop
    virtualenv websockets werkzeug wheel wrapt xmltodict yarl zipp
"""
POPULAR: Final = frozenset(_NAMES.split())
_LEAST: Final = 5
"""Shorter names are too close to each other to tell."""


def mistaken_for(name: str) -> str:
    """Return the popular package that a name could be mistaken for; '' where there is none."""
    if name in POPULAR:
        return ""
    plain = _plain(name)
    for known in sorted(POPULAR):
        if len(known) >= _LEAST and (_plain(known) == plain or _one_slip(known, name)):
            return known
    return ""


def _plain(name: str) -> str:
    """Leave out what is added to names to look official: hyphens, ``python-`` in front, a version behind."""
    return re.sub(r"^(python|py)-|-(python|py|lib)$|[-_.]", "", name)


def _one_slip(known: str, name: str) -> bool:
    """Tell whether one letter was added, lost, changed, or two neighbours swapped."""
    if abs(len(known) - len(name)) > 1:
        return False
    at = next((index for index, (a, b) in enumerate(zip(known, name, strict=False)) if a != b), min(len(known), len(name)))
    rest, other = known[at:], name[at:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:] and len(rest) > 1
    return swapped or rest[1:] == other[1:] or rest == other[1:] or rest[1:] == other
