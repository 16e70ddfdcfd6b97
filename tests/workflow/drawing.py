"""Small diagrams for tests, drawn in a line."""

import itertools

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions" targetNamespace="test">'
)


def diagram(process, *parts, messages=()):
    """A BPMN text with one process."""
    declared = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in messages)
    body = f'<bpmn:process id="{process}" isExecutable="true">{"".join(parts)}</bpmn:process>'
    return f"{HEAD}{declared}{body}</bpmn:definitions>"


def node(kind, id_, inside="", **attributes):
    """Any element."""
    told = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<bpmn:{kind} id="{id_}"{told}>{inside}</bpmn:{kind}>'


def start(name="begun"):
    """A start event."""
    return node("startEvent", name)


def end(name="ended"):
    """An end event."""
    return node("endEvent", name)


def flow(source, target, condition=None, name=None, id=None):  # noqa: A002
    """An arrow; an outcome if it has a name."""
    id = id or f"{source}_to_{target}"  # noqa: A001
    inside = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    return node("sequenceFlow", id, inside, sourceRef=source, targetRef=target, **({"name": name} if name else {}))


def escape(text):
    """Make a text fit for XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def line(*names):
    """Arrows from one to the next."""
    return "".join(flow(a, b) for a, b in itertools.pairwise(names))


def extension(inside):
    """Something of SpiffWorkflow's own."""
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def properties(**declared):
    """What is declared about an element."""
    told = "".join(f'<spiffworkflow:property name="{key}" value="{value}"/>' for key, value in declared.items())
    return f"<spiffworkflow:properties>{told}</spiffworkflow:properties>"


def service(name, operation=None, result=None, forget=None, **parameters):
    """A service task; parameters are expressions, with their type after a colon."""
    told = ""
    for key, value in parameters.items():
        expression, _, kind = value.partition(":")
        told += f'<spiffworkflow:parameter id="{key}" type="{kind or "str"}" value="{escape(expression)}"/>'
    kept = f' resultVariable="{result}"' if result else ""
    operator = f'<spiffworkflow:serviceTaskOperator id="{operation or f"test.{name}"}"{kept}><spiffworkflow:parameters>'
    declared = properties(forget=forget) if forget else ""
    return node(
        "serviceTask",
        name,
        extension(f"{operator}{told}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>{declared}"),
    )


def user(name, place=None, assignment="distribution", inside=""):
    """A user task."""
    return node("userTask", name, extension(properties(place=place or name, assignment=assignment)) + inside)


def outcomes(task, **targets):
    """The gateway after a user task, and its outcomes."""
    gateway = f"after_{task}"
    arrows = "".join(
        flow(gateway, target, f'outcome = "{word}"', word.title(), word) for word, target in targets.items()
    )
    return node("exclusiveGateway", gateway) + flow(task, gateway) + arrows


def timer(when, kind="timeDate"):
    """What a timer waits for."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(when)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name, variable=None):
    """What a message event waits for or sends."""
    kept = extension(f"<spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>") if variable else ""
    return f'<bpmn:messageEventDefinition messageRef="message_{name}">{kept}</bpmn:messageEventDefinition>'


def catch(id_, event, **attributes):
    """An event to wait for."""
    return node("intermediateCatchEvent", id_, event, **attributes)


def boundary(name, task, event, *, interrupts=True):
    """An event on the boundary of a task."""
    return node("boundaryEvent", name, event, attachedToRef=task, cancelActivity=str(interrupts).lower())


def simple(process="errand", *parts):
    """Begun, handled by a person, closed; with whatever else."""
    return diagram(
        process, start(), user("handle"), end(), line("begun", "handle"), outcomes("handle", close="ended"), *parts
    )
