"""What changes teams, and links to what somebody gave."""

from marketplace.community.service.belonging import (
    dissolve,
    forget,
    hand_over,
    join,
    leave,
    remove,
    show_name,
)
from marketplace.community.service.challenging import (
    ChallengeWish,
    set_challenge,
    tell_challenges,
    withdraw_challenge,
)
from marketplace.community.service.founding import (
    TeamWish,
    change_team,
    confirm_team,
    found_team,
    refuse_team,
    renew_link,
)
from marketplace.community.service.moderating import complain, lift_suspension, settle_complaints
from marketplace.community.service.sharing import renew_share, revoke_share, share_impact
from marketplace.community.service.wording import put_in_words

__all__ = [
    "ChallengeWish",
    "TeamWish",
    "change_team",
    "complain",
    "confirm_team",
    "dissolve",
    "forget",
    "found_team",
    "hand_over",
    "join",
    "leave",
    "lift_suspension",
    "put_in_words",
    "refuse_team",
    "remove",
    "renew_link",
    "renew_share",
    "revoke_share",
    "set_challenge",
    "settle_complaints",
    "share_impact",
    "show_name",
    "tell_challenges",
    "withdraw_challenge",
]
