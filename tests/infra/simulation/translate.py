"""SAM template to plain CloudFormation, as AWS's own transform does it, without a call to AWS."""

import json
import os

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

SAM = "AWS::Serverless-2016-10-31"
# The translator asks for a region though nothing of ours depends on one.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


class NoPolicies:
    """In place of the loader that asks IAM for AWS's managed policies: none are used."""

    def load(self):
        return {}


def translated(template: dict) -> dict:
    """The template without its transform; one that has none comes back as it is."""
    names = template.get("Transform")
    if SAM not in (names if isinstance(names, list) else [names]):
        return template
    plain = transform(json.loads(json.dumps(template, default=str)), {}, NoPolicies())
    plain.pop("Transform", None)
    return plain


def read(path) -> dict:
    """A template from a file, short forms (`!Ref`) in their long one."""
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())
