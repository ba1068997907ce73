"""What readers of the demo world ask, and what projects planned before and hope for elsewhere."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.companies.models import CompanyMember
from marketplace.core.db import atomic, session
from marketplace.core.money import exponent
from marketplace.demo.world import World
from marketplace.projects import queries as project_queries
from marketplace.projects import service as projects
from marketplace.projects.models import Project, ProjectOwner
from marketplace.questions import service
from marketplace.questions.models import of_company, of_project
from marketplace.questions.rules import Subject
from marketplace.reports import service as reports
from marketplace.reports.models import Standing

Talk = Sequence[tuple[int, str, int | None, str]]
"""How many days ago what was asked, after how many days it was answered, and how."""


def read() -> dict[str, Any]:  # Any: JSON
    """Return the file beside this one."""
    text = Path(__file__).with_name("readers.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def ask(world: World) -> None:
    """Let readers ask, and named people answer; change a budget; apply for money elsewhere."""
    said = read()
    with atomic():
        for slug, talk in said["projects"].items():
            project = session.merge(world.projects[slug])
            who = sa.select(ProjectOwner).where(ProjectOwner.project_id == project.id)
            _talk(world, of_project(project), session.scalars(who.limit(1)).one(), talk)
        for slug, talk in said["companies"].items():
            company = session.merge(world.companies[slug])
            people = sa.select(CompanyMember).where(CompanyMember.company_id == company.id)
            member = session.scalars(people.order_by(CompanyMember.role.desc()).limit(1)).one()
            _talk(world, of_company(company), member, talk)
        for slug, (days, title, percent, reason) in said["budget"].items():
            project = session.merge(world.projects[slug])
            _grow(world, project, days, (title, percent, reason))
        for slug, rows in said["funding"].items():
            for funder, amount, standing in rows:
                project = session.merge(world.projects[slug])
                reports.declare_elsewhere(
                    project_id=project.id,
                    funder=funder,
                    amount_minor=amount * 10 ** exponent(project.currency),
                    standing=Standing(standing),
                    by=world.owners[slug],
                    now=world.now - timedelta(days=80),
                )


def _talk(
    world: World, subject: Subject, answers: ProjectOwner | CompanyMember, talk: Talk
) -> None:
    by = session.get_one(User, answers.user_id)
    for place, (days, asked, after, answered) in enumerate(talk):
        asked_at = world.now - timedelta(days=days)
        asker = world.shoppers[place][0]
        question = service.ask(subject=subject, body=asked, by=asker, now=asked_at)
        if after is not None:
            service.answer(
                question_id=question.id,
                text=answered,
                by=by,
                role=answers.title,
                now=asked_at + timedelta(days=after),
            )


def _grow(world: World, project: Project, days: int, said: tuple[str, int, str]) -> None:
    """Let one line have been less until some days ago, and the goal with it."""
    title, percent, reason = said
    lines = [
        (line.id, line.title, line.amount_minor, line.is_minimum)
        for line, _spent in project_queries.list_budget(project.id)
    ]
    goal = project.goal_minor
    less = {
        line: amount * (100 - percent) // 100
        for line, name, amount, _first in lines
        if name == title
    }
    before = [
        (line, name, amount - less.get(line, 0), first) for line, name, amount, first in lines
    ]
    projects.set_budget(project=project, lines=before)
    project.goal_minor = goal - sum(less.values())
    session.flush()
    projects.change_budget(
        project=project,
        lines=lines,
        goal_minor=goal,
        reason=reason,
        by=world.owners[project.slug],
        now=world.now - timedelta(days=days),
    )
