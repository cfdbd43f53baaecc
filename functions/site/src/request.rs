//! What CloudFormation asks.

use serde::Deserialize;
use serde_json::Value;

/// An event of a custom resource, as far as every answer needs it.
///
/// Source: AWS CloudFormation user guide, "Custom resource request objects".
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// What is to be done.
    pub request_type: RequestType,
    /// Where the answer goes: a presigned PUT. It is a secret as long as it is valid.
    #[serde(rename = "ResponseURL")]
    pub response_url: String,
    /// The stack, returned as it is.
    pub stack_id: String,
    /// The request, returned as it is.
    pub request_id: String,
    /// The resource in the template, returned as it is.
    pub logical_resource_id: String,
    /// What we called it; absent on create.
    pub physical_resource_id: Option<String>,
    /// The properties in the template. Not read here: a request with wrong ones must be answered too.
    #[serde(default)]
    resource_properties: Value,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RequestType {
    /// The resource is new.
    Create,
    /// A property has changed.
    Update,
    /// The resource goes, or an update has replaced it.
    Delete,
}

/// What CloudFormation is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Success,
    /// It is not, for this reason.
    Failed(String),
}

impl Request {
    /// The bucket, from the properties.
    ///
    /// # Errors
    /// The template gives none.
    pub fn bucket(&self) -> Result<&str, String> {
        let bucket = self.resource_properties.get("Bucket").and_then(Value::as_str);
        bucket
            .filter(|name| !name.is_empty())
            .ok_or_else(|| "the resource has no property Bucket".to_owned())
    }

    /// The name of the resource. It is constant per bucket: after an update that returns another one, CloudFormation
    /// deletes the old, which would empty the bucket just filled.
    pub fn own_id(&self) -> Option<String> {
        self.bucket().ok().map(|bucket| format!("site-files-{bucket}"))
    }

    /// The name to answer with. A create that fails before it has one still needs some id, and the delete
    /// that follows must be able to tell that it is not ours.
    pub fn answered_id(&self) -> String {
        match (self.request_type, &self.physical_resource_id) {
            (RequestType::Delete, Some(id)) => id.clone(),
            (_, known) => {
                let known = known.clone();
                self.own_id().or(known).unwrap_or_else(|| "site-files-of-no-bucket".to_owned())
            }
        }
    }
}
