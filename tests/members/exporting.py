"""Orders, files and pages of exports in tests."""

import csv
import io
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import NoReverseMatch, clear_url_caches, path, reverse

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.jobs import files, running, urls
from huifeng.jobs.models import Job
from members.exports import actions


@pytest.fixture
def job_page() -> Iterator[None]:
    """The address of a job's page, where nobody has built the page yet."""
    try:
        reverse("jobs:job", args=[1])
        yield
        return
    except NoReverseMatch:
        urls.urlpatterns.append(path("<int:pk>/", lambda request, pk: HttpResponse(pk), name="job"))
        clear_url_caches()
    yield
    urls.urlpatterns.pop()
    clear_url_caches()


def order(organisation: Organisation, by: User, **fields: Any) -> Job:
    """An order that is right, but for `fields`."""
    usual: dict[str, Any] = {
        "key": uuid.uuid4(),
        "wanted": {},
        "keys": ["name", "sex", "id_number"],
        "file_format": "csv",
        "purpose": "visit",
        "words": "重阳节走访",
    }
    return actions.order(organisation.pk, by=by, **(usual | fields))


def done(job: Job) -> Job:
    """The job after a worker has done it."""
    running.run(job.pk)
    return Job.objects.select_related("file").get(pk=job.pk)


def lines(job: Job) -> list[list[str]]:
    """The heads and rows of the csv file that `job` made, without the explanation above them."""
    assert job.file is not None, job.error
    text = files.content_of(job.file).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def table(organisation: Organisation, by: User, **fields: Any) -> list[dict[str, str]]:
    """What an export of these people holds, row by row."""
    heads, *rows = lines(done(order(organisation, by, **fields)))
    return [dict(zip(heads, row, strict=True)) for row in rows]
