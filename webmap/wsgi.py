"""For a WSGI server: ``granian --interface wsgi --factory webmap.wsgi:create``; settings come from the environment."""

from __future__ import annotations

import os

from flask import Flask

from webmap.app import begin, create_app, warm


def create() -> Flask:
    """The application with the settings of the environment, its common answers ready."""
    app = create_app(os.environ)
    warm(app)
    begin(app)
    return app
