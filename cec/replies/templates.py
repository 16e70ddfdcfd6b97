"""Templates of answers: those that all share, and each person's own (guide 5.3, 3.3.4)."""

from dataclasses import dataclass
from typing import Any

from cec.platform import changes, clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.replies import catalogues, filling_in
from cec.replies.models import ReplyCatalogue, ReplyTemplate
from cec.staff.models import Employee

LONGEST_NAME, LONGEST_TEXT, LONGEST_TAGS = 120, 4096, 200
MOST_OWN = 200


class TemplateNameMissing(Invalid):
    """Give the template a name of at most 120 characters."""

    field = "name"


class TemplateNameTaken(Invalid):
    """There is a template with this name in the same catalogue already."""

    field = "name"


class TemplateTextMissing(Invalid):
    """Write the words of the template."""

    field = "text"


class TemplateTextTooLong(Invalid):
    """A template has at most 4,096 characters; these are {count}."""

    field = "text"


class TagsTooLong(Invalid):
    """The words to find it by are longer than 200 characters: leave some out."""

    field = "tags"


class TooManyOwn(Refusal):
    """You have 200 templates of your own, and more cannot be kept: remove some first."""


@dataclass(frozen=True)
class Wanted:
    """What a template is to say."""

    name: str
    text: str
    tags: str = ""
    catalogue: ReplyCatalogue | None = None
    is_active: bool = True


def get(template_id: int, owner: Employee | None = None, *, removed: bool = False) -> ReplyTemplate:
    """Get a template of a person, or one of all.

    :raises NotFound: for others' templates as for none.
    """
    template = db.session.get(ReplyTemplate, template_id)
    if template is None or bool(template.removed_at) != removed or template.owner_id != (owner.id if owner else None):
        raise NotFound
    return template


def find_removed(template_id: int, owner: Employee | None = None) -> ReplyTemplate | None:
    """Find a removed template of a person, or one of all."""
    try:
        return get(template_id, owner, removed=True)
    except NotFound:
        return None


def list_own(owner: Employee) -> list[ReplyTemplate]:
    """List a person's own templates by name."""
    wanted = db.select(ReplyTemplate).where(ReplyTemplate.owner_id == owner.id, ReplyTemplate.removed_at.is_(None))
    return list(db.session.scalars(wanted.order_by(db.func.lower(ReplyTemplate.name), ReplyTemplate.id)))


def values(template: ReplyTemplate) -> dict[str, Any]:
    """Give what a template says, to compare and to write down."""
    return {
        "name": template.name,
        "catalogue_id": template.catalogue_id,
        "text": template.text,
        "tags": template.tags,
        "is_active": template.is_active,
    }


def create(wanted: Wanted, *, owner: Employee | None = None, by: str) -> ReplyTemplate:
    """Add a template, for all or of one's own.

    :raises Invalid: when something cannot be so; of placeholders it names line and sign.
    :raises TooManyOwn: when a person has 200.
    """
    if owner:
        _must_have_room(owner)
    template = ReplyTemplate(owner_id=owner.id if owner else None, changed_at=clock.now())
    _fill(template, wanted)
    db.session.add(template)
    db.session.flush()
    _record(template, {}, by)
    return template


def change(template: ReplyTemplate, wanted: Wanted, *, by: str, seen: str = "") -> None:
    """Change a template.

    :raises Invalid: when something cannot be so.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(template, with_for_update=True)
    before = values(template)
    changes.check(before, seen)
    with db.session.no_autoflush:
        _fill(template, wanted)
    template.changed_at = clock.now()
    db.session.flush()
    _record(template, before, by)


def remove(template: ReplyTemplate, *, by: str) -> None:
    """Remove a template; where it was used stays known, and it can be brought back."""
    template.removed_at = clock.now()
    if template.owner_id is None:
        journal.record("reply_template.removed", template.key, by=by, called=template.name)


def bring_back(template: ReplyTemplate, *, owner: Employee | None = None, by: str) -> None:
    """Bring a removed template back; if its catalogue is gone, it lies in none.

    :raises Invalid: when another one has its name meanwhile.
    """
    if owner:
        _must_have_room(owner)
    if template.catalogue and template.catalogue.removed_at:
        template.catalogue, template.catalogue_id = None, None
    _must_be_free(template)
    template.removed_at = None
    db.session.flush()
    if template.owner_id is None:
        journal.record("reply_template.returned", template.key, by=by, called=template.name)


def _must_have_room(owner: Employee) -> None:
    # Two windows of one person take turns.
    db.session.execute(db.select(Employee.id).where(Employee.id == owner.id).with_for_update())
    if len(list_own(owner)) >= MOST_OWN:
        raise TooManyOwn


def _fill(template: ReplyTemplate, wanted: Wanted) -> None:
    template.name = " ".join(wanted.name.split())
    if not 0 < len(template.name) <= LONGEST_NAME:
        raise TemplateNameMissing
    template.text = checked_text(wanted.text)
    template.tags = ", ".join(tag for part in wanted.tags.split(",") if (tag := " ".join(part.split())))
    if len(template.tags) > LONGEST_TAGS:
        raise TagsTooLong
    template.catalogue = wanted.catalogue
    template.catalogue_id = wanted.catalogue.id if wanted.catalogue else None
    template.is_active = wanted.is_active
    _must_be_free(template)


def checked_text(text: str) -> str:
    """Give the words of a template as they are kept.

    :raises Invalid: when there are none or too many, or a placeholder is unknown or not closed.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise TemplateTextMissing
    if len(text) > LONGEST_TEXT:
        raise TemplateTextTooLong(count=len(text))
    filling_in.read(text)
    return text


def _must_be_free(template: ReplyTemplate) -> None:
    same = db.select(ReplyTemplate.id).where(
        ReplyTemplate.owner_id.is_not_distinct_from(template.owner_id),
        ReplyTemplate.catalogue_id.is_not_distinct_from(template.catalogue_id),
        db.func.lower(ReplyTemplate.name) == template.name.lower(),
        ReplyTemplate.removed_at.is_(None),
    )
    with db.session.no_autoflush:
        if db.session.scalar(same) not in {None, template.id}:
            raise TemplateNameTaken


def _record(template: ReplyTemplate, before: dict[str, Any], by: str) -> None:
    """Write down what changed for all; what a person keeps for himself is nobody's business."""
    changed = changes.difference(before, values(template))
    if changed and template.owner_id is None:
        journal.record("reply_template.changed", template.key, by=by, called=template.name, changed=changed)


def path(template: ReplyTemplate) -> str:
    """Say where a template lies."""
    names, catalogue = [], template.catalogue
    while catalogue is not None:
        names.append(catalogue.name)
        catalogue = catalogue.parent
    return catalogues.BETWEEN.join(reversed(names))
