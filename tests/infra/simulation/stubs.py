"""Types of resources that moto's CloudFormation does not know: they exist in the stack, and CloudFormation's own schemas
are all that checks them."""

from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel
from moto.scheduler.models import scheduler_backends

from . import schemas

ACCOUNT, REGION = "123456789012", "us-east-1"
_ARN = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"

# Attributes as AWS would form them; {n} is the physical id, {N} its form in lower case. One that is not listed is an
# error, so that a template can't ask for what there is not.
ATTRIBUTES = {
    "AWS::CloudFront::CachePolicy": {},
    "AWS::CloudFront::Distribution": {"DomainName": "{N}.cloudfront.net"},
    "AWS::CloudFront::OriginAccessControl": {},
    "AWS::CloudFront::ResponseHeadersPolicy": {},
    "AWS::CloudWatch::Alarm": {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{n}}"},
    "AWS::ElastiCache::ServerlessCache": {
        "ARN": f"{_ARN}:serverlesscache:{{N}}",
        "Endpoint.Address": "{N}-x1.public.serverless.use1.cache.amazonaws.com",
        "Endpoint.Port": "6379",
    },
    "AWS::ElastiCache::User": {"Arn": f"{_ARN}:user:{{N}}"},
    "AWS::ElastiCache::UserGroup": {},
    "AWS::Lambda::Alias": {},
    "AWS::Lambda::EventInvokeConfig": {},
    "AWS::Lambda::Url": {"FunctionUrl": f"https://{{N}}.lambda-url.{REGION}.on.aws/"},
    "AWS::S3::BucketPolicy": {},
    "AWS::SNS::Subscription": {},
    "AWS::SNS::TopicPolicy": {},
    "AWS::SQS::QueuePolicy": {},
}
# Types whose physical id is a name from the template.
NAMES = {"AWS::ElastiCache::ServerlessCache": "ServerlessCacheName", "AWS::ElastiCache::User": "UserId"}

# What stands in the stub resources, by type and logical id, for tests to read over /stubs.
EXISTING: dict[tuple[str, str], dict] = {}


def stub(cfn_type: str, attributes: dict[str, str]):
    """A class that moto's CloudFormation finds by its type."""

    def check(properties):
        # What AWS::NoValue stands for, moto leaves as nothing.
        wrong = schemas.problems(cfn_type, {it: value for it, value in properties.items() if value is not None})
        if wrong:
            raise ValidationError(message="; ".join(wrong))

    class Stub(CloudFormationModel):
        __module__ = "moto.cloudformation.stubs"

        def __init__(self, name, properties):
            check(properties)
            self.name = properties.get(NAMES.get(cfn_type), name)
            self.properties = properties
            EXISTING[(cfn_type, self.name)] = properties

        @property
        def physical_resource_id(self):
            return self.name

        @staticmethod
        def cloudformation_name_type():
            return None

        @staticmethod
        def cloudformation_type():
            return cfn_type

        @classmethod
        def has_cfn_attr(cls, attr):
            return attr in attributes

        def get_cfn_attribute(self, attr):
            if attr not in attributes:
                raise KeyError(f"{cfn_type} has no attribute {attr} in stubs.py")
            return attributes[attr].format(n=self.name, N=self.name.lower())

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
            return cls(resource_name, cloudformation_json.get("Properties", {}))

        @classmethod
        def update_from_cloudformation_json(
            cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
        ):
            check(cloudformation_json.get("Properties", {}))
            original_resource.properties = cloudformation_json.get("Properties", {})
            EXISTING[(cfn_type, original_resource.name)] = original_resource.properties
            return original_resource

        def delete(self, account_id, region):
            EXISTING.pop((cfn_type, self.name), None)

    Stub.__name__ = "Stub_" + cfn_type.replace("::", "_")
    globals()[Stub.__name__] = Stub
    return Stub


def _create_schedule(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
    properties = cloudformation_json["Properties"]
    schedule = scheduler_backends[account_id][region_name].create_schedule(
        action_after_completion="NONE",
        description=properties.get("Description", ""),
        end_date=None,
        flexible_time_window=properties["FlexibleTimeWindow"],
        group_name="default",
        kms_key_arn=None,
        name=properties.get("Name", resource_name),
        schedule_expression=properties["ScheduleExpression"],
        schedule_expression_timezone="UTC",
        start_date=None,
        state=properties.get("State", "ENABLED"),
        target=properties["Target"],
    )
    return cls(schedule.name, properties)


def _delete_schedule(self, account_id, region):
    scheduler_backends[account_id][region].delete_schedule("default", self.name)
    EXISTING.pop(("AWS::Scheduler::Schedule", self.name), None)


def install():
    for cfn_type, attributes in ATTRIBUTES.items():
        stub(cfn_type, attributes)
    # moto has schedules, but not from CloudFormation.
    schedule = stub("AWS::Scheduler::Schedule", {})
    schedule.create_from_cloudformation_json = classmethod(_create_schedule)
    schedule.delete = _delete_schedule
