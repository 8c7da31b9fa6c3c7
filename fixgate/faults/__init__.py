"""Misbehaviour as values: what is wrong is always something that was asked for."""

# fixgate.dice
from fixgate.dice import Dice, Distribution

# .armed
from fixgate.faults.armed import ANY, ArmedFault, FieldTest, Trigger, Way

# .catalogue
from fixgate.faults.catalogue import CATALOGUE, build

# .model
from fixgate.faults.model import Fault

# .silence
from fixgate.faults.silence import Silence

# .spec
from fixgate.faults.spec import (
    DISTRIBUTIONS,
    REQUIRED,
    ActsOn,
    DistributionSpec,
    FaultSpec,
    Group,
    Kind,
    Param,
    ParamValue,
)

__all__ = [
    "ANY",
    "CATALOGUE",
    "DISTRIBUTIONS",
    "REQUIRED",
    "ActsOn",
    "ArmedFault",
    "Dice",
    "Distribution",
    "DistributionSpec",
    "Fault",
    "FaultSpec",
    "FieldTest",
    "Group",
    "Kind",
    "Param",
    "ParamValue",
    "Silence",
    "Trigger",
    "Way",
    "build",
]
