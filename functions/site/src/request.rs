//! What CloudFormation asks.

use serde::Deserialize;
use serde_json::Value;

/// An event of a custom resource, as far as every answer needs it.
///
/// Source: AWS CloudFormation user guide, "Custom resource request objects".
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) request_type: RequestType,
    /// Where the answer goes: a presigned PUT. It is a secret as long as it is valid.
    #[serde(rename = "ResponseURL")]
    pub(crate) response_url: String,
    /// The stack, returned as it is.
    pub(crate) stack_id: String,
    /// The request, returned as it is.
    pub(crate) request_id: String,
    /// The resource in the template, returned as it is.
    pub(crate) logical_resource_id: String,
    /// What we called it; absent on create.
    pub(crate) physical_resource_id: Option<String>,
    /// The properties in the template. Not read here: a request with wrong ones must be answered too.
    #[serde(default)]
    resource_properties: Value,
}

/// What becomes of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum RequestType {
    /// The resource is new.
    Create,
    /// A property has changed.
    Update,
    /// The resource goes, or an update has replaced it.
    Delete,
}

impl Request {
    /// The bucket, from the properties.
    ///
    /// # Errors
    /// The template gives none.
    pub(crate) fn bucket(&self) -> Result<&str, String> {
        let bucket = self.resource_properties.get("Bucket").and_then(Value::as_str);
        bucket
            .filter(|name| !name.is_empty())
            .ok_or_else(|| "the resource has no property Bucket".to_owned())
    }

    /// The name of the resource. It is constant per bucket: after an update that returns another one, CloudFormation
    /// deletes the old, which would empty the bucket just filled.
    pub(crate) fn own_id(&self) -> Option<String> {
        self.bucket().ok().map(|bucket| format!("site-files-{bucket}"))
    }

    /// The name to answer with. A create that fails before it has one still needs some id, and the delete
    /// that follows must be able to tell that it is not ours.
    pub(crate) fn answered_id(&self) -> String {
        match (self.request_type, &self.physical_resource_id) {
            (RequestType::Delete, Some(id)) => id.clone(),
            (_, known) => {
                let known = known.clone();
                self.own_id().or(known).unwrap_or_else(|| "site-files-of-no-bucket".to_owned())
            }
        }
    }
}
