//! What goes wrong, and that there is an answer all the same.

use std::time::{Duration, Instant};

use harness::{Answer, Canned};
use serde_json::{Value, json};

use crate::stage::{BUCKET, Stage, create, delete, invoke, s3_at, update};

const TIMEOUT: Duration = Duration::from_secs(30);

const DENIED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"#;

fn reason(answer: &Value) -> &str {
    assert_eq!(answer["Status"], "FAILED", "{answer}");
    answer["Reason"].as_str().unwrap()
}

#[tokio::test]
async fn a_bucket_that_is_gone_fails_a_create_and_an_update() {
    let stage = Stage::without_bucket().await;
    for event in [create(), update()] {
        let answer = stage.answer_to(event).await;
        assert_eq!(reason(&answer), format!("there is no bucket {BUCKET}"));
    }
}

#[tokio::test]
async fn a_bucket_that_is_gone_needs_no_delete() {
    let stage = Stage::without_bucket().await;
    assert_eq!(stage.answer_to(delete()).await["Status"], "SUCCESS");
}

#[tokio::test]
async fn a_denied_access_names_the_missing_right() {
    let stage = Stage::with_bucket().await;
    for (event, right) in [(update(), "s3:PutObject"), (delete(), "s3:ListBucketVersions")] {
        let s3 = Canned::start(vec![Answer::Body(403, DENIED.into())]).await.unwrap();
        let answer = stage.answer_of(s3_at(&s3.url()), event, TIMEOUT).await;
        let reason = reason(&answer);
        assert!(reason.contains(right) && reason.contains(BUCKET), "{reason}");
    }
}

#[tokio::test]
async fn a_create_waits_until_a_new_role_is_known() {
    let stage = Stage::without_bucket().await;
    let list = r#"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult></ListBucketResult>"#;
    let answers = [Answer::Body(403, DENIED.into()), Answer::Body(200, list.into())];
    let s3 = Canned::start(answers.to_vec()).await.unwrap();
    let answer = stage.answer_of(s3_at(&s3.url()), create(), TIMEOUT).await;
    assert_eq!(answer["Status"], "SUCCESS", "{answer}");
}

#[tokio::test]
async fn a_delete_that_is_denied_for_one_object_is_no_success() {
    let list = r#"<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult>
        <Version><Key>a.js</Key><VersionId>null</VersionId></Version></ListVersionsResult>"#;
    let result = r#"<?xml version="1.0" encoding="UTF-8"?><DeleteResult><Error><Key>a.js</Key>
        <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>"#;
    let answers = [list, result].map(|body| Answer::Body(200, body.into()));
    let s3 = Canned::start(answers.to_vec()).await.unwrap();
    let stage = Stage::without_bucket().await;
    let answer = stage.answer_of(s3_at(&s3.url()), delete(), TIMEOUT).await;
    let reason = reason(&answer);
    assert!(reason.contains("a.js") && reason.contains("s3:DeleteObjectVersion"), "{reason}");
}

#[tokio::test]
async fn time_that_runs_out_is_told_before_it_has() {
    let stage = Stage::without_bucket().await;
    for event in [create(), update(), delete()] {
        let s3 = Canned::start(vec![Answer::Hang]).await.unwrap();
        let start = Instant::now();
        let timeout = Duration::from_secs(6);
        let answer = stage.answer_of(s3_at(&s3.url()), event, timeout).await;
        assert!(start.elapsed() < timeout, "Lambda would have cut it off");
        assert!(reason(&answer).contains("time ran out"), "{answer}");
    }
}

#[tokio::test]
async fn a_timeout_shorter_than_what_is_kept_back_is_answered_too() {
    let stage = Stage::without_bucket().await;
    let s3 = Canned::start(vec![Answer::Hang]).await.unwrap();
    let answer = stage.answer_of(s3_at(&s3.url()), create(), Duration::from_secs(3)).await;
    assert!(reason(&answer).contains("time ran out"), "{answer}");
}

#[tokio::test]
async fn a_delete_for_an_id_that_is_not_ours_touches_nothing() {
    let stage = Stage::with_bucket().await;
    assert_eq!(stage.answer_to(create()).await["Status"], "SUCCESS");
    let before = stage.keys().await;
    // What CloudFormation makes up when a create failed; and the id of another bucket, after a change of buckets.
    for id in ["rollcall-SiteFiles-1A2B3C", "site-files-another-bucket"] {
        let mut event = delete();
        event["PhysicalResourceId"] = id.into();
        let answer = stage.answer_to(event).await;
        assert_eq!(answer["Status"], "SUCCESS", "{answer}");
        assert_eq!(answer["PhysicalResourceId"], id);
    }
    assert_eq!(stage.keys().await, before);
}

#[tokio::test]
async fn a_template_without_a_bucket_is_told_so() {
    let stage = Stage::without_bucket().await;
    for properties in [json!({}), json!({"Bucket": ""}), json!({"Bucket": ["x"]}), Value::Null] {
        let mut event = create();
        event["ResourceProperties"] = properties;
        let answer = stage.answer_to(event).await;
        assert_eq!(reason(&answer), "the resource has no property Bucket");
        // The delete that follows is answered as well.
        let mut event = delete();
        event["PhysicalResourceId"] = answer["PhysicalResourceId"].clone();
        event["ResourceProperties"] = json!({});
        assert_eq!(stage.answer_to(event).await["Status"], "SUCCESS");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_tried_again_and_then_an_error() {
    let stage = Stage::with_bucket().await;
    let cloudformation = Canned::start(vec![Answer::Body(500, Vec::new())]).await.unwrap();
    let mut event = create();
    event["ResponseURL"] = format!("{}/?X-Amz-Signature=hunter2", cloudformation.url()).into();
    let error = invoke(stage.s3.clone(), event, TIMEOUT).await.unwrap_err().to_string();
    assert_eq!(cloudformation.requests().len(), 3);
    assert!(error.contains("does not take the answer"), "{error}");
    assert!(!error.contains("hunter2"), "whoever has the address can answer: {error}");
}

#[tokio::test]
async fn an_event_of_something_else_is_an_error() {
    let error = invoke(s3_at("http://127.0.0.1:9"), json!({"hello": "world"}), TIMEOUT).await;
    assert!(error.unwrap_err().to_string().contains("no event of a custom resource"));
}
