"""An address in a payload is called only when it is Slack's."""

from __future__ import annotations

import pytest

from adapters.slack.addresses import is_slack

BASE = "https://slack.com/api/"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/actions/T1/1/x",
        "https://hooks.slack.com:443/commands/1",
        "https://HOOKS.SLACK.COM/actions",
        "https://hooks.slack-gov.com/actions/T1",
        "https://slack.com/api/response",
    ],
)
def test_slacks_own_are_called(url: str) -> None:
    assert is_slack(url, BASE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/actions",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://hooks.slack.com.example.org/",
        "https://notslack.com/",
        "https://slack.com@127.0.0.1/",
        "https://user:pass@hooks.slack.com/",
        "https://hooks.slack.com:8443/",
        "https://hooks.slack.com:http/",
        "https://[::1",
        "file:///etc/passwd",
        "//hooks.slack.com/",
        "https://127.0.0.1\\@hooks.slack.com/",
    ],
)
def test_others_are_not(url: str) -> None:
    assert not is_slack(url, BASE)


def test_a_proxy_for_slack_answers_for_itself_and_nobody_else() -> None:
    base = "http://127.0.0.1:4000/api/"
    assert is_slack("http://127.0.0.1:4000/response/1", base)
    assert not is_slack("http://127.0.0.1:4001/response/1", base)
    assert not is_slack("https://127.0.0.1:4000/response/1", base)
