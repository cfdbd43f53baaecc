"""The templates against what CloudFormation knows of each type: names, attributes, and what an update replaces."""

import re
import unittest

from aws import ROOT, TEMPLATES
from lint_test import with_code_elsewhere
from simulation import rules, schemas
from simulation.stubs import ATTRIBUTES
from simulation.translate import read, translated

# Suffixes of names in infra/cache.yaml, with the longest CacheGeneration.
LONGEST_NAME = "a" * 32


def resources():
    """Of all templates, as CloudFormation gets them: the template's name, the logical id, the resource."""
    for template in TEMPLATES:
        for name, resource in translated(with_code_elsewhere(read(template)))["Resources"].items():
            yield template.name, name, resource


class Replacements(unittest.TestCase):
    """CloudFormation makes the new resource before it removes the old one: under the same name it can't."""

    def test_no_change_replaces_a_resource_under_the_name_that_it_has(self):
        found = set()
        for template, name, resource in resources():
            properties = resource.get("Properties", {})
            named = schemas.names(resource["Type"], properties)
            if not named:
                continue
            in_its_name = set().union(*(decides(properties[it]) for it in named))
            for changed in schemas.replacing(resource["Type"]):
                if changed in properties and changed not in named:
                    found |= {(template, name, changed, it) for it in decides(properties[changed]) - in_its_name}
        # Whoever changes this one changes CacheGeneration with it.
        self.assertEqual(found, {("cache.yaml", "Cache", "SubnetIds", "SubnetIds")})
        cache = read(ROOT / "infra/cache.yaml")["Resources"]["Cache"]["Properties"]
        self.assertIn("Generation", decides(cache["ServerlessCacheName"]))
        given = read(ROOT / "template.yaml")["Resources"]["Cache"]["Properties"]["Parameters"]
        self.assertEqual(given["Generation"], {"Ref": "CacheGeneration"})
        self.assertIn("change `CacheGeneration` in the same command", (ROOT / "docs/DEPLOY.md").read_text())

    def test_it_is_found_where_there_is_one(self):
        """Else the test above would say nothing."""
        properties = {"ServerlessCacheName": "x", "Engine": "valkey", "SubnetIds": []}
        self.assertEqual(schemas.names("AWS::ElastiCache::ServerlessCache", properties), ["ServerlessCacheName"])
        self.assertLess({"SubnetIds", "ConnectionType"}, set(schemas.replacing("AWS::ElastiCache::ServerlessCache")))
        self.assertEqual(schemas.names("AWS::CloudWatch::Alarm", {"Period": 60}), [], "CloudFormation names it")


class Names(unittest.TestCase):
    def test_a_name_that_the_template_lets_through_fits_whatever_is_named_after_it(self):
        for stack in ["rollcall", "a1", "a-b-c", LONGEST_NAME]:
            self.assertEqual(refused(stack), [], stack)
            for cfn_type, properties in named_after(stack):
                self.assertEqual(schemas.problems(cfn_type, properties), [], stack)

    def test_a_name_that_would_not_fit_is_refused_in_a_sentence(self):
        for stack in ["Rollcall", "rollCall", "1st", "-a", "a-", "a--b", LONGEST_NAME + "a"]:
            self.assertIn("lower case", " ".join(refused(stack)), stack)

    def test_the_schemas_refuse_what_elasticache_would(self):
        user = {"UserName": "x", "Engine": "valkey"}
        for name in ["Rollcall-writer", "a" * 41, "1st"]:
            self.assertNotEqual(schemas.problems("AWS::ElastiCache::User", {**user, "UserId": name}), [], name)
        self.assertEqual(schemas.problems("AWS::ElastiCache::User", {**user, "UserId": "rollcall-writer"}), [])
        for wrong in [{"UserId": "a", "Engine": "memcached"}, {"UserId": "a", "Users": []}, {"Engine": "valkey"}]:
            self.assertNotEqual(schemas.problems("AWS::ElastiCache::User", {"UserName": "x", "Engine": "valkey", **wrong}), [])


class Attributes(unittest.TestCase):
    def test_the_simulation_gives_no_attribute_that_there_is_not(self):
        for cfn_type, attributes in ATTRIBUTES.items():
            self.assertLessEqual(set(attributes), schemas.attributes(cfn_type), cfn_type)


def refused(stack: str) -> list[str]:
    """What the template of the cache has against a stack of that name."""
    template = read(ROOT / "infra/cache.yaml")
    given = {"Name": stack, "Prefix": "p", "SubnetIds": "", "VpcId": "", "ClientSecurityGroupId": "", "Generation": "",
             "StorageMaxGb": "1", "EcpuMax": "1000"}  # fmt: skip
    return rules.problems(template, given)


def named_after(stack: str):
    """The resources of the cache that are named after a stack, by all the names that they can get."""
    values = {"Name": stack, "Generation": "zzz"}
    for resource in read(ROOT / "infra/cache.yaml")["Resources"].values():
        properties = resource["Properties"]
        for name in schemas.names(resource["Type"], properties):
            texts = re.findall(r"\$\{Name\}[^'\"]*", str(properties[name]))
            assert texts, "it is named after something else"
            for text in texts:
                text = re.sub(r"\$\{(\w+)\}", lambda it: values[it[1]], text)
                values_of = {it: text if it in ("UserName", name) else _known(value) for it, value in properties.items()}
                yield resource["Type"], {it: value for it, value in values_of.items() if value is not None}


def _known(value):
    """A value without what the stack alone knows; nothing, where that is all of it."""
    if isinstance(value, list):
        return [it if isinstance(it, str) else "some-user" for it in value]
    if isinstance(value, dict) and any(name == "Ref" or name.startswith("Fn::") for name in value):
        return None
    return value


def decides(node) -> set[str]:
    """What a part of a template depends on: parameters, resources, and conditions."""
    if isinstance(node, list):
        return set().union(*(decides(it) for it in node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for name, value in node.items():
        match name:
            case "Ref":
                found.add(value)
            case "Fn::GetAtt":
                found.add(value[0] if isinstance(value, list) else value.split(".")[0])
            case "Fn::Sub":
                text, more = value if isinstance(value, list) else (value, {})
                found |= {it.split(".")[0] for it in re.findall(r"\$\{([^!}]+)\}", text)} | decides(more)
            case "Fn::If":
                found |= {f"condition {value[0]}"} | decides(value[1:])
            case _:
                found |= decides(value)
    return found - {"AWS::NoValue"}
