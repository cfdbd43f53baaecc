//! What is in the bucket after each request.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use widget_files::FILES;

use crate::stage::{BUCKET, Stage, create, delete, update};

fn names() -> Vec<&'static str> {
    FILES.iter().map(|file| file.name).collect()
}

#[tokio::test]
async fn a_create_brings_every_file_with_its_headers() {
    let stage = Stage::with_bucket().await;
    let answer = stage.answer_to(create()).await;
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    assert_eq!(answer["PhysicalResourceId"], format!("site-files-{BUCKET}"));
    assert_eq!(stage.keys().await, names());
    for file in FILES {
        let got = stage.s3.get_object().bucket(BUCKET).key(file.name).send().await.unwrap();
        assert_eq!(got.content_type(), Some(file.content_type()), "{}", file.name);
        assert_eq!(got.cache_control(), Some(file.cache_control()), "{}", file.name);
        assert_eq!(got.body.collect().await.unwrap().into_bytes(), file.bytes, "{}", file.name);
    }
}

#[tokio::test]
async fn an_update_removes_what_is_no_longer_a_file_and_keeps_the_id() {
    let stage = Stage::with_bucket().await;
    for key in ["old.js", "words/xx.js", "index.html"] {
        stage.put(key).await;
    }
    let answer = stage.answer_to(update()).await;
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    // Another id would have CloudFormation delete the old resource, and with it the new files.
    assert_eq!(answer["PhysicalResourceId"], update()["PhysicalResourceId"]);
    assert_eq!(stage.keys().await, names());
}

#[tokio::test]
async fn a_delete_leaves_neither_versions_nor_markers_nor_unfinished_uploads() {
    let stage = Stage::with_bucket().await;
    let versioning =
        VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let s3 = &stage.s3;
    let set = s3.put_bucket_versioning().bucket(BUCKET).versioning_configuration(versioning);
    set.send().await.unwrap();
    for _ in 0..2 {
        assert_eq!(stage.answer_to(create()).await["Status"], "SUCCESS");
    }
    s3.delete_object().bucket(BUCKET).key("index.html").send().await.unwrap();
    s3.create_multipart_upload().bucket(BUCKET).key("big").send().await.unwrap();
    let answer = stage.answer_to(delete()).await;
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
    let versions = s3.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert!(versions.versions().is_empty() && versions.delete_markers().is_empty());
    let uploads = s3.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    assert!(uploads.uploads().is_empty());
    // What the whole is for: only an empty bucket can be deleted.
    s3.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn a_delete_goes_on_after_the_first_thousand() {
    let stage = Stage::with_bucket().await;
    for index in 0..1005 {
        stage.put(&format!("{index}.js")).await;
    }
    assert_eq!(stage.answer_to(delete()).await["Status"], "SUCCESS");
    assert!(stage.keys().await.is_empty());
}
