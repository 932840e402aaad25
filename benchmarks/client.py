"""The browser's side: asks one address after another over kept-open connections and takes the time.

`run(jobs)` does it in a process of its own, without Django, so that it disturbs nobody:
`python -m benchmarks.client` reads jobs from its input and writes a list of seconds for each.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

type Cookies = dict[str, str]
HOST = "127.0.0.1"


class Failed(Exception):
    """A page did not answer as it should, with which one and how."""


@dataclass
class Job:
    """Requests in order, with the same cookies; the first `warm` are not counted.

    A request is a path, and for a POST its form; the answer must have `status`.
    """

    port: int
    requests: list[tuple[str, dict[str, str] | None]]
    warm: int
    cookies: Cookies = field(default_factory=dict)
    status: int = 200


def run(jobs: list[Job]) -> list[list[float]]:
    """The seconds of each counted request of each job."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.client"],
        input=json.dumps([asdict(job) for job in jobs]),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parent.parent,
    )
    if done.returncode:
        raise Failed(done.stderr.strip())
    return json.loads(done.stdout)


def perform(jobs: list[Job]) -> list[list[float]]:
    """Turn by turn one request of each job, so that what else the machine does falls on all of them alike."""
    connections = [HTTPConnection(HOST, job.port, timeout=120) for job in jobs]
    found: list[list[float]] = [[] for _ in jobs]
    for turn in range(max(len(job.requests) for job in jobs)):
        for job, connection, seconds in zip(jobs, connections, found, strict=True):
            if turn < len(job.requests):
                seconds.append(_ask(job, connection, *job.requests[turn]))
    return [seconds[job.warm :] for job, seconds in zip(jobs, found, strict=True)]


def _ask(job: Job, connection: HTTPConnection, path: str, form: dict[str, str] | None) -> float:
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in job.cookies.items())}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = None if form is None else urlencode(form)
    began = time.perf_counter()
    connection.request("GET" if form is None else "POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - began
    if answer.status != job.status:
        raise SystemExit(f"{path} answered {answer.status} {answer.headers.get('Location', '')}")
    return seconds


def log_in(port: int, login: str, password: str) -> Cookies:
    """The cookies of somebody who logs in on the page for staff."""
    connection = HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", "/login/staff/")
    cookies = _kept(connection.getresponse(), {})
    form = {"login": login, "password": password, "csrfmiddlewaretoken": cookies["csrftoken"]}
    headers = {
        "Cookie": f"csrftoken={cookies['csrftoken']}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/login/staff/", urlencode(form), headers)
    answer = connection.getresponse()
    cookies = _kept(answer, cookies)
    connection.close()
    if answer.status != 302 or "sessionid" not in cookies:
        raise Failed(f"{login} could not log in: {answer.status}")
    return cookies


def _kept(answer: HTTPResponse, cookies: Cookies) -> Cookies:
    answer.read()
    given: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        given.load(line)
    return cookies | {name: morsel.value for name, morsel in given.items()}


def wait_for(port: int, path: str, seconds: float = 60) -> None:
    """Until somebody answers there, whatever the answer."""
    until = time.monotonic() + seconds
    while True:
        connection = HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            connection.close()


if __name__ == "__main__":
    print(json.dumps(perform([Job(**job) for job in json.load(sys.stdin)])))
