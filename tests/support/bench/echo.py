"""The floor: slack-bolt and OpenAI's SDK, and nothing else. ``python -m tests.support.bench.echo`` says what it hears.

It is started as the bot is, with the same variables, and says as the bot does that it runs.
"""

from __future__ import annotations

import asyncio
import os

import openai
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

TURNS = ("-m", "tests.support.bench.echo")


async def main() -> None:
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["RAISE_SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
    model = openai.AsyncOpenAI(max_retries=0, http_client=openai.DefaultAioHttpClient())

    @app.event("message")
    async def heard(event: dict[str, str], client: AsyncWebClient) -> None:
        asked = model.chat.completions.create(
            model="any", messages=[{"role": "user", "content": event["text"]}], stream=True
        )
        said = [chunk.choices[0].delta.content or "" async for chunk in await asked if chunk.choices]
        await client.chat_postMessage(channel=event["channel"], text="".join(said))

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    site = web.Application()
    site.router.add_post("/slack/events", events)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"raise-bot is running; health at http://{host}:{port}/healthz", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
