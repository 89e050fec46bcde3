"""Workflows for tests."""

import factory
from factory.django import DjangoModelFactory

from accounts.tests.factories import MembershipFactory
from workflows_app.models import Workflow
from workflows_app.tests.graphs import manual_set


class WorkflowFactory(DjangoModelFactory):
    """A workflow whose author owns the team it is in."""

    class Meta:
        model = Workflow
        exclude = ["membership"]

    membership = factory.SubFactory(MembershipFactory)
    team = factory.SelfAttribute("membership.team")
    created_by = factory.SelfAttribute("membership.user")
    name = factory.Sequence(lambda n: f"Workflow {n}")
    graph = factory.LazyFunction(lambda: manual_set(greeting="Hello"))
