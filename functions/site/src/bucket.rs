//! The bucket.

use std::collections::HashSet;
use std::fmt::Debug;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use widget_files::File;

/// Why something can't be done with the bucket.
#[derive(Debug)]
pub(crate) enum Error {
    /// There is no such bucket.
    Gone,
    /// The role may not do it, or may not yet; in words for the stack's events.
    Denied(String),
    /// Any other reason, in words for the stack's events.
    Other(String),
}

/// A bucket whose only content is ours.
pub(crate) struct Bucket<'a> {
    pub(crate) s3: &'a Client,
    pub(crate) name: &'a str,
}

impl Bucket<'_> {
    /// Puts all files, then removes whatever else is there: a page that loads meanwhile finds the old or the new.
    pub(crate) async fn fill(&self, files: &[File]) -> Result<(), Error> {
        for file in files {
            self.s3
                .put_object()
                .bucket(self.name)
                .key(file.name)
                .content_type(file.content_type())
                .cache_control(file.cache_control())
                .body(ByteStream::from_static(file.bytes))
                .send()
                .await
                .map_err(|error| self.explain("s3:PutObject", error))?;
        }
        let kept: HashSet<&str> = files.iter().map(|file| file.name).collect();
        let mut pages = self.s3.list_objects_v2().bucket(self.name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.explain("s3:ListBucket", error))?;
            let old = page.contents().iter().filter_map(|object| object.key());
            let old = old.filter(|key| !kept.contains(key)).map(|key| (key.to_owned(), None));
            self.delete(old.collect()).await?;
        }
        Ok(())
    }

    /// Removes every object, version and delete marker, and what was begun and never finished: CloudFormation deletes
    /// an empty bucket only.
    pub(crate) async fn empty(&self) -> Result<(), Error> {
        loop {
            // Always the first page: what it named is gone when it is asked for again.
            let page = self
                .s3
                .list_object_versions()
                .bucket(self.name)
                .send()
                .await
                .map_err(|error| self.explain("s3:ListBucketVersions", error))?;
            let versions = page.versions().iter().map(|it| (it.key(), it.version_id()));
            let markers = page.delete_markers().iter().map(|it| (it.key(), it.version_id()));
            let found: Vec<_> = versions
                .chain(markers)
                .filter_map(|(key, version)| Some((key?.to_owned(), version.map(str::to_owned))))
                .collect();
            if found.is_empty() {
                break;
            }
            self.delete(found).await?;
        }
        loop {
            let page = self
                .s3
                .list_multipart_uploads()
                .bucket(self.name)
                .send()
                .await
                .map_err(|error| self.explain("s3:ListBucketMultipartUploads", error))?;
            if page.uploads().is_empty() {
                return Ok(());
            }
            for upload in page.uploads() {
                self.s3
                    .abort_multipart_upload()
                    .bucket(self.name)
                    .set_key(upload.key().map(str::to_owned))
                    .set_upload_id(upload.upload_id().map(str::to_owned))
                    .send()
                    .await
                    .map_err(|error| self.explain("s3:AbortMultipartUpload", error))?;
            }
        }
    }

    /// Deletes at most one page of a list, 1,000 keys, which is as much as one call takes.
    async fn delete(&self, objects: Vec<(String, Option<String>)>) -> Result<(), Error> {
        if objects.is_empty() {
            return Ok(());
        }
        let wrong = |error: aws_sdk_s3::error::BuildError| Error::Other(error.to_string());
        let identifiers = objects.into_iter().map(|(key, version)| {
            ObjectIdentifier::builder().key(key).set_version_id(version).build()
        });
        let identifiers = identifiers.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        let delete =
            Delete::builder().set_objects(Some(identifiers)).quiet(true).build().map_err(wrong)?;
        let answer = self
            .s3
            .delete_objects()
            .bucket(self.name)
            .delete(delete)
            .send()
            .await
            .map_err(|error| self.explain("s3:DeleteObject", error))?;
        // The call succeeds though single objects are refused.
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => Err(Error::Other(format!(
                "S3 does not delete {} of bucket {}: {}; the role needs s3:DeleteObject and s3:DeleteObjectVersion",
                error.key().unwrap_or_default(),
                self.name,
                error.code().unwrap_or("no code"),
            ))),
        }
    }

    fn explain<E>(&self, action: &str, error: SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Debug + 'static,
    {
        match error.code() {
            Some("NoSuchBucket") => Error::Gone,
            Some("AccessDenied") => Error::Denied(format!(
                "access denied: the role needs {action} on bucket {}, and the bucket must allow it",
                self.name
            )),
            _ => Error::Other(format!(
                "{action} on bucket {} fails: {}",
                self.name,
                DisplayErrorContext(error)
            )),
        }
    }
}
