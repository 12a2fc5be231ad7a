#!/usr/bin/env python3
# /// script
# requires-python = ">=3.9"
# dependencies = ["requests>=2.28"]
# ///
"""Anonymizes photos with Obscura, or any other service with the Celantur Cloud API v2.

    export OBSCURA_URL=http://127.0.0.1:8080 OBSCURA_USERNAME=admin OBSCURA_PASSWORD=...
    python3 obscura_client.py --out anonymized photos/*.jpg

Photos that have a result in the output folder are skipped, so the same line continues after an
interrupt. Exit code: 0 when all photos are done, 1 when some failed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

PARAMETERS: Dict[str, Any] = {"anonymization_method": "blur", "face": True, "license_plate": True}
"""The parameters unless --parameters is given; docs/compatibility.md lists all."""

TIMEOUT = (10, 120)
"""Seconds to connect, and to wait for the next bytes."""

FIRST_PAUSE, MAX_PAUSE = 0.5, 10.0
"""Seconds between two looks at a task: each pause is half as long again as the one before."""


class ObscuraError(Exception):
    """The service refused a request or could not anonymize a photo; the message says why."""


class Client:
    """One user's connection to the service. Not for several threads at once."""

    def __init__(self, url: str, username: str, password: str, max_wait: float = 1800) -> None:
        """max_wait: seconds after which an unfinished task counts as failed."""
        self._api = url.rstrip("/") + "/v2"
        self._credentials = {"username": username, "password": password}
        self._max_wait = max_wait
        self._token = ""
        # Repeats what a busy or restarting service and a bad network cost, after 1, 2, 4... seconds
        # or what Retry-After says. A task that is created twice this way does no harm: it never
        # gets a file and expires.
        retry = Retry(
            total=8,
            backoff_factor=0.5,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=None,
            raise_on_status=False,
        )
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def anonymize(self, photo: Path, result: Path, parameters: Dict[str, Any]) -> None:
        """Sends a photo, waits for its result and writes it. Raises ObscuraError or OSError."""
        task = self._call("POST", "/task", parameters)
        with photo.open("rb") as file:
            # The URL is complete and needs no Authorization header.
            _check(self._session.put(task["upload_url"], data=file, timeout=TIMEOUT))
        self._wait(task["task_id"])
        url = self._call("GET", f"/task/{task['task_id']}")["anonymized_url"]
        self._download(url, result)

    def _wait(self, task_id: int) -> None:
        deadline, pause = time.monotonic() + self._max_wait, FIRST_PAUSE
        while True:
            status = self._call("GET", f"/task/{task_id}/status")
            if status["task_status"] == "done":
                return
            if status["task_status"] in ("failed", "deleted"):
                raise ObscuraError(f"task {task_id} {status['task_status']}: {status.get('failure_cause', 'no cause given')}")
            if time.monotonic() > deadline:
                raise ObscuraError(f"task {task_id} is still {status['task_status']} after {self._max_wait:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, MAX_PAUSE)

    def _download(self, url: str, result: Path, attempts: int = 5) -> None:
        """Under its own name there is only ever a complete result."""
        part = result.with_name(result.name + ".part")
        for attempt in range(1, attempts + 1):
            try:
                with self._session.get(url, stream=True, timeout=TIMEOUT) as response:
                    _check(response)
                    length = response.headers.get("Content-Length")
                    with part.open("wb") as file:
                        for chunk in response.iter_content(1 << 16):
                            file.write(chunk)
                # requests before 2.32 does not notice that a connection ended early.
                if length is not None and part.stat().st_size != int(length):
                    raise requests.ConnectionError("the download ended early")
                part.replace(result)
                return
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if attempt == attempts:
                    raise
                time.sleep(attempt)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        if not self._token:
            self._sign_in()
        response = self._request(method, path, body)
        if response.status_code == 401:  # The token has expired.
            self._sign_in()
            response = self._request(method, path, body)
        return _check(response)

    def _request(self, method: str, path: str, body: Any) -> requests.Response:
        headers = {"Authorization": self._token}
        return self._session.request(method, self._api + path, json=body, headers=headers, timeout=TIMEOUT)

    def _sign_in(self) -> None:
        answer = self._session.post(self._api + "/signin", json=self._credentials, timeout=TIMEOUT)
        self._token = _check(answer)["AccessToken"]


def _check(response: requests.Response) -> Any:
    """The JSON of a response, None without one. Raises ObscuraError with its error."""
    is_json = "json" in response.headers.get("Content-Type", "")
    body = response.json() if is_json else None
    if response.ok:
        return body
    reason = (body.get("error") or body.get("message")) if isinstance(body, dict) else response.reason
    raise ObscuraError(f"{response.request.method} {response.url.split('?')[0]}: {response.status_code} {reason}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Anonymize photos with Obscura.")
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--parameters", type=json.loads, default=PARAMETERS, metavar="JSON")
    parser.add_argument("--jobs", type=int, default=4, metavar="NUMBER", help="photos at the same time")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    own = threading.local()

    def one(photo: Path) -> bool:
        result = out / photo.name
        if result.exists():
            print(f"{photo}: skipped, {result} exists")
            return True
        try:
            if not hasattr(own, "client"):
                own.client = Client(
                    os.environ.get("OBSCURA_URL", "http://127.0.0.1:8080"),
                    os.environ.get("OBSCURA_USERNAME", "admin"),
                    os.environ["OBSCURA_PASSWORD"],
                )
            own.client.anonymize(photo, result, arguments.parameters)
        except (ObscuraError, OSError) as error:  # requests' own errors are OSErrors.
            print(f"{photo}: failed: {error}", file=sys.stderr)
            return False
        print(f"{photo}: anonymized")
        return True

    with ThreadPoolExecutor(arguments.jobs) as pool:
        return 0 if all(list(pool.map(one, arguments.photos))) else 1


if __name__ == "__main__":
    if "OBSCURA_PASSWORD" not in os.environ:
        sys.exit("Set OBSCURA_PASSWORD, and OBSCURA_URL and OBSCURA_USERNAME where they differ from the defaults.")
    sys.exit(main())
