"""Every kind of letter that is sent: which have to be, and why; which can be chosen."""

from dataclasses import dataclass

from marketplace.core.i18n import _l


@dataclass(frozen=True)
class Necessary:
    """Kinds of letters that nobody can refuse, and why."""

    title: object
    why: object
    kinds: tuple[str, ...]


NECESSARY = (
    Necessary(
        _l("Your account"),
        _l("They let you in, and tell you when somebody changes how one gets in."),
        (
            "confirm_email",
            "already_member",
            "reset_password",
            "recovery_code",
            "account_changed",
            "confirm_new_email",
            "concern",
        ),
    ),
    Necessary(
        _l("What you bought and gave"),
        _l("They are the papers of a purchase: what you paid, what comes, what goes back, and "
           "where your choice leads if a project ends."),
        (
            "order_receipt",
            "order_sent",
            "gift_receipt",
            "gift_cancelled",
            "refund",
            "refund_failed",
            "late_payment",
            "rerouted",
        ),
    ),
    Necessary(
        _l("Money of a company or a project"),
        _l("Whoever answers for money is told what happens to it, and has days to act upon it."),
        (
            "payout_account",
            "payout_returned",
            "statement_ready",
            "dispute",
            "dispute_ended",
            "pool",
            "sponsor",
        ),
    ),
    Necessary(
        _l("Your teams"),
        _l("They tell what becomes of a team that you are in, or of you in it; and who follows one "
           "hears of its end."),
        ("team",),
    ),
    Necessary(
        _l("Working here"),
        _l("They tell what you may do now, or what becomes of what you answer for."),
        (
            "invitation",
            "membership",
            "quiet_project",
            "update_out",
            "draft_stuck",
            "letter_drafted",
            "letter_refused",
            "answers_wait",
            "paper_refused",
            "renewal",
            "translation_taken_down",
        ),
    ),
)  # fmt: skip

CHOSEN_BY_FOLLOW = ("news", "digest")
"""Their frequency is chosen for each thing that is followed."""

OPTIONAL = {
    "question_answer": _l("Somebody answers a question that you asked in public."),
    "question": _l("Somebody asks in public about what you answer for: a project, a company."),
    "translation_offered": _l("A volunteer translates an update of a project of yours."),
    "translation_settled": _l("What you translated is published, refused or taken down."),
    "translation_complaint": _l("The operator has looked at a translation that you reported."),
    "need_answer": _l("Somebody offers what a project of yours needs beside money."),
}
"""Kinds that somebody can refuse, and when they come."""


def all_kinds() -> set[str]:
    """Return every kind of letter that has its place here."""
    return {
        *(kind for group in NECESSARY for kind in group.kinds),
        *CHOSEN_BY_FOLLOW,
        *OPTIONAL,
    }
