"""Tables of topics."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform.db import Table, identity


class Topic(Table):
    """A topic (тематика) in the tree; only active leaves can be chosen."""

    id: Mapped[int] = identity()
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Topic | None"] = relationship(remote_side=[id])

    __table_args__ = (UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),)

    @property
    def path(self) -> str:
        """Say where it stands: Доставка › Перенос срока."""
        return f"{self.parent.path} › {self.name}" if self.parent else self.name
