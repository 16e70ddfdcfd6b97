"""create_app(): the one place that knows every part and joins them."""

import datetime as dt
from pathlib import Path

import orjson
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import cec.appeals.auto_answering
import cec.appeals.auto_marks
import cec.appeals.auto_refusals
import cec.appeals.auto_waiting
import cec.appeals.auto_works
import cec.appeals.chatting
import cec.appeals.intake_door
import cec.appeals.rejudging
import cec.appeals.reranking
import cec.appeals.rerouting
import cec.appeals.service_tasks
import cec.appeals.terms
import cec.distribution.capacity
import cec.distribution.lanes
import cec.distribution.leaving
import cec.distribution.placing
import cec.distribution.resting
import cec.distribution.returning
import cec.distribution.service_tasks
import cec.distribution.temporary
import cec.notifications.alarms
import cec.notifications.telling
import cec.oversight.watching
import cec.retention.notices  # noqa: F401 - imported so that they subscribe and register
from cec.platform import clock, listening, logs, metrics, shipped
from cec.platform.db import db
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings
from cec.web import (
    announcements,
    appeals_list,
    design,
    first_run,
    guide,
    health,
    heartbeats,
    incidents,
    installing,
    life,
    live,
    living,
    main_window,
    notifications,
    profile,
    quarantine,
    rating,
    shop,
    signing_in,
    viewing,
    webhooks,
)
from cec.web.api import appeals as api_appeals
from cec.web.api import channels as api_channels
from cec.web.api import clients as api_clients
from cec.web.api import console as api_console
from cec.web.api import directories as api_directories
from cec.web.business_admin import (
    api_keys,
    audit,
    auto_replies,
    calendars,
    channels,
    clients,
    groups,
    mailboxes,
    operator_import,
    people,
    queues,
    receivers,
    reply_catalogues,
    reply_templates,
    retention,
    rules,
    rules_bench,
    rules_changes,
    rules_excel,
    rules_foreign,
    rules_graph,
    rules_publishing,
    rules_reranking,
    rules_scenarios,
    rules_versions,
    shifts,
    skills,
    statuses,
    webchats,
)
from cec.web.operator import (
    appeal,
    conversation,
    finishing,
    history,
    layout,
    letters,
    older,
    opting_out,
    outgoing,
    own_templates,
    pictures,
    presence,
    replies,
    search,
    ways,
    worklist,
    writing,
)
from cec.web.requests import Application
from cec.web.supervisor import forgettings, operators
from cec.web.webchat import arriving, door, ending, files, stream, talking

HERE = Path(__file__).parent

BLUEPRINTS = [
    main_window, signing_in, profile, first_run, live, heartbeats, health, guide, installing,
    worklist, appeal, conversation, letters, pictures, older, finishing, presence,
    history, layout, ways, opting_out, outgoing, replies, own_templates, search, viewing, design,
    appeals_list, quarantine, life, notifications, announcements,
    incidents, mailboxes, webchats, people, queues, statuses, calendars, skills, groups, operator_import, shifts,
    operators, forgettings, reply_templates, reply_catalogues, auto_replies, rules_bench, rules_scenarios,
    rules_reranking, rules, rules_changes, rules_excel, rules_foreign, rules_graph, rules_publishing,
    rules_versions, channels, api_keys, receivers, clients, retention, audit,
    webhooks, api_channels, api_appeals, api_clients, api_directories, api_console,
    door, arriving, talking, files, ending, stream, writing, shop, living, rating,
]  # fmt: skip

ENGINE = {
    # What a burst has opened stays open until nobody has used it for ten minutes: then the server ends it, and the
    # pool notices. Those beyond a size would be opened and closed with every request of a busy minute.
    "pool_size": 40,
    "max_overflow": 0,
    "pool_use_lifo": True,
    # Seconds a request waits for a connection before it says that the database is away.
    "pool_timeout": 10,
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
    "connect_args": {
        "application_name": "cec",
        "connect_timeout": 5,
        # No view of the database is held for long: claims slow down with its age.
        "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000 -c statement_timeout=300000"
        " -c idle_session_timeout=600000",
    },
}


def create_app(settings: Settings) -> Flask:
    """Put the centre together for one process."""
    app = Application("cec", template_folder=str(shipped.folder("templates")), static_folder=str(HERE / "static"))
    app.config["CEC"] = settings
    app.config["CEC_FILES"] = settings.data / "files"
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url or PrivateDatabase(settings.data).url(driver=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = ENGINE
    app.config["MAX_CONTENT_LENGTH"] = settings.max_megabytes * 2**20
    if settings.proxies:
        behind = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)
        app.wsgi_app = behind  # type: ignore[method-assign]  # as Flask wants it
    clock.shift(dt.timedelta(seconds=settings.clock_shift))
    db.init_app(app)
    listening.install(app)
    metrics.install(app)
    for part in BLUEPRINTS:
        if (part is design and not settings.development) or (part in {shop, living} and not settings.demo):
            continue
        app.register_blueprint(part.bp)
    return app


def from_environment() -> Flask:
    """Put the centre together as the environment says: for WSGI servers."""
    settings = Settings.read()
    logs.set_up(settings.log_level)
    return create_app(settings)
