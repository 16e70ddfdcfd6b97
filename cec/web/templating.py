"""How templates run: what Jinja means, at half of its price; a page calls and escapes a thousand times."""

import html
from collections.abc import MutableMapping
from types import FunctionType
from typing import Any

from flask import current_app
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape


def said(value: Any) -> str:
    """Escape what a template says; what is marked already, and numbers, are only joined."""
    kind = type(value)
    if kind is str:
        return html.escape(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int else escape(value)


class _Generator(CodeGenerator):
    """Writes the program of a template."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Begin with what is ours."""
        self.writeline("from cec.web.templating import said")
        super().visit_Template(node, frame)

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> None:  # noqa: N802
        """Let an inline `if` without `else` be nothing."""
        node.expr2 = node.expr2 or nodes.Const("")
        super().visit_CondExpr(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("said(")


class _Context(Context):
    """Calls plain functions and macros without asking them first what they want to be told."""

    def call(self, called: Any, *args: Any, **values: Any) -> Any:
        """Call what a template calls."""
        kind = type(called)
        if kind is Macro or (kind is FunctionType and not called.__dict__):
            if values:
                # What only functions ask for that want to know where they are called.
                values.pop("_loop_vars", None)
                values.pop("_block_vars", None)
            return called(self.eval_ctx, *args, **values) if kind is Macro else called(*args, **values)
        return super().call(called, *args, **values)


class Templates(Environment):
    """Jinja as Flask uses it, with these."""

    code_generator_class = _Generator
    context_class = _Context

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give templates the words of all, as they are: laid over others they are slow to look through."""
        return super().make_globals(d) if d else self.globals


def part(name: str, **context: Any) -> str:
    """Draw a part of a page, without what only whole pages are told: of sections, theme and request."""
    return current_app.jinja_env.get_template(name).render(context)
