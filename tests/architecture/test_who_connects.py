"""Which modules open connections: a new one has to say here where its addresses come from (threat-model.md, SSRF)."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONNECTS = re.compile(
    r"\bClientSession\(|AsyncWebClient\(|\burlopen\(|\brequests\.|\bhttpx2?\.(?:Async)?Client\(|(?:Async)?OpenAI\("
    r"|AsyncAnthropic\(|OTLPSpanExporter\(|\bfrom_url\(|\bcreate_engine\(|\bcreate_connection\(|\bsocket\.socket\("
    r"|session\.(?:get|post|put|request)\(|AutoShardedClient\)"
)
KNOWN = {
    "adapters/database.py": "the database of the settings",
    "adapters/discord/doctor.py": "Discord, or the proxy of the settings",
    "adapters/discord/gateway.py": "Discord, or the proxy of the settings",
    "adapters/embeddings/openai.py": "the SDK's own variables",
    "adapters/models/anthropic.py": "the SDK's own variables",
    "adapters/models/openai.py": "the SDK's own variables",
    "adapters/models/remote.py": "what the SDKs are given to connect with",
    "adapters/slack/app.py": "the Web API of the settings",
    "adapters/slack/channel_checks.py": "the Web API of the settings",
    "adapters/slack/doctor.py": "the Web API of the settings",
    "adapters/slack/install.py": "the Web API of the settings",
    "adapters/slack/interactions.py": "an address in a payload: called only where it is Slack's own",
    "adapters/stores/redis.py": "the Redis of the settings",
    "adapters/tracing/otel.py": "the collector of the settings",
    "adapters/web/desk/openid.py": "the issuer of the settings, and what it names over https",
    "adapters/web/visitor.py": "a page of our own on this machine",
}


def test_only_known_modules_open_connections() -> None:
    found = {
        str(file.relative_to(ROOT))
        for room in ("bot", "adapters")
        for file in (ROOT / room).rglob("*.py")
        if CONNECTS.search(file.read_text(encoding="utf-8"))
    }
    assert found == set(KNOWN)
