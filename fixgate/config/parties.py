"""Who speaks: sub-ids, locations and third parties; parts of the models of both kinds of files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from fixgate.config import fields as f
from fixgate.config.base import Strict

__all__ = ["ClientParties", "SessionParties", "ThirdPartiesModel"]


def _anyone(value: object) -> object:
    if value == "any":
        return None
    if isinstance(value, str):
        raise f.trouble("expected 'any' or a list of CompIDs", "write [DESK1, DESK2]")
    return value


CompIds = Annotated[
    list[f.CompId] | None,
    BeforeValidator(_anyone, json_schema_input_type=list[f.CompId] | Literal["any"]),
]


class ThirdPartiesModel(Strict):
    """Whom clients may speak for, and to whom the venue passes messages on."""

    on_behalf_of: CompIds = Field(
        default=None,
        description="OnBehalfOfCompID(115) that messages may carry; 'any' (the default) or a list.",
    )
    deliver_to: CompIds = Field(
        default=[],
        description="DeliverToCompID(128) that messages may carry; 'any' or a list; none by "
        "default.",
    )


class ClientParties(Strict):
    """Sub-ids and locations of a venue and its client, and third parties."""

    our_sub_id: f.CompId | None = Field(
        default=None, description="The venue's sub-id, the client's TargetSubID(57)."
    )
    our_location_id: f.CompId | None = Field(
        default=None, description="The venue's location, the client's TargetLocationID(143)."
    )
    their_sub_id: f.CompId | None = Field(
        default=None, description="The client's sub-id, its SenderSubID(50)."
    )
    their_location_id: f.CompId | None = Field(
        default=None, description="The client's location, its SenderLocationID(142)."
    )
    third_parties: ThirdPartiesModel | None = Field(
        default=None,
        description="Whom this client may speak for and deliver to; by default the venue's.",
    )


class SessionParties(Strict):
    """Sub-ids, locations and third parties of a session to check."""

    sender_sub_id: f.CompId | None = Field(default=None, description="SenderSubID(50).")
    sender_location_id: f.CompId | None = Field(default=None, description="SenderLocationID(142).")
    target_sub_id: f.CompId | None = Field(default=None, description="TargetSubID(57).")
    target_location_id: f.CompId | None = Field(default=None, description="TargetLocationID(143).")
    on_behalf_of_comp_id: f.CompId | None = Field(
        default=None, description="OnBehalfOfCompID(115)."
    )
    on_behalf_of_sub_id: f.CompId | None = Field(default=None, description="OnBehalfOfSubID(116).")
    on_behalf_of_location_id: f.CompId | None = Field(
        default=None, description="OnBehalfOfLocationID(144)."
    )
    deliver_to_comp_id: f.CompId | None = Field(default=None, description="DeliverToCompID(128).")
    deliver_to_sub_id: f.CompId | None = Field(default=None, description="DeliverToSubID(129).")
    deliver_to_location_id: f.CompId | None = Field(
        default=None, description="DeliverToLocationID(145)."
    )
