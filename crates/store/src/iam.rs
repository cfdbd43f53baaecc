//! Passwords for ElastiCache: an IAM token for each connection.
//!
//! A token is a presigned request to connect, without its scheme (Amazon ElastiCache User Guide, "Authenticating with
//! IAM"). It is good for 15 minutes and needed only while a connection is made, so each one gets a token of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use futures_util::stream::{self, Stream, StreamExt as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use presence::{Clock, Millis};
use redis::auth::{BasicAuth, StreamingCredentialsProvider};
use redis::{ConnectionAddr, ConnectionInfo, ErrorKind, RedisError, RedisResult};
use settings::{Reader, any_text};

/// How long a token is good for: the longest that ElastiCache takes.
const GOOD_FOR: Duration = Duration::from_secs(900);

/// Who connects to which cache.
#[derive(Clone)]
pub(crate) struct Iam {
    cache: String,
    user: String,
    region: String,
    credentials: Credentials,
}

impl Iam {
    /// Reads `REDIS_IAM_CACHE` and what AWS Lambda sets beside it; `None` where it is not set, or where something is
    /// wrong, which `reader` remembers.
    pub(crate) fn read(reader: &mut Reader<'_>, url: Option<&ConnectionInfo>) -> Option<Self> {
        let cache = reader.optional("REDIS_IAM_CACHE", |text| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if text.bytes().all(plain) {
                // The cache's name is kept in lower case, however it was written, and the token must name it so.
                Ok(text.to_ascii_lowercase())
            } else {
                Err("must be the name of an ElastiCache Serverless cache, not its address"
                    .to_owned())
            }
        })?;
        let region = reader.required("AWS_REGION", "us-east-1", any_text);
        let key_id = reader.required("AWS_ACCESS_KEY_ID", "the one that AWS Lambda sets", any_text);
        let key =
            reader.required("AWS_SECRET_ACCESS_KEY", "the one that AWS Lambda sets", any_text);
        let session = reader.optional("AWS_SESSION_TOKEN", any_text);
        // What is wrong with the URL itself is remembered already.
        let url = url?;
        if !keeps_secrets(url.addr()) {
            reader.problem("REDIS_URL", "must be rediss:// with REDIS_IAM_CACHE");
        }
        if url.redis_settings().password().is_some() {
            reader.problem("REDIS_URL", "must hold no password with REDIS_IAM_CACHE");
        }
        let Some(user) = url.redis_settings().username() else {
            let message =
                "must name the user with REDIS_IAM_CACHE, e.g. rediss://default.iam-user@host:6379";
            reader.problem("REDIS_URL", message);
            return None;
        };
        let credentials = Credentials::new(key_id?, key?, session, None, "environment");
        Some(Self { cache, user: user.to_owned(), region: region?, credentials })
    }

    /// The password of a connection that is made now.
    fn token(&self, now: Millis) -> Result<String, Box<dyn std::error::Error>> {
        let Self { cache, user, region, credentials } = self;
        let user = utf8_percent_encode(user, RESERVED);
        let address = format!("{cache}/?Action=connect&User={user}&ResourceType=ServerlessCache");
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(GOOD_FOR);
        let identity = credentials.clone().into();
        let time: SystemTime = UNIX_EPOCH + Duration::from_millis(now);
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("elasticache")
            .time(time)
            .settings(settings)
            .build()?
            .into();
        let url = format!("http://{address}");
        let host = std::iter::once(("host", cache.as_str()));
        let request = SignableRequest::new("GET", &url, host, SignableBody::Bytes(&[]))?;
        let (signed, _) = sign(request, &parameters)?.into_parts();
        let mut signed = signed.params().to_vec();
        // The session's token comes after the signature here; botocore, and so all who use it, writes that one last.
        signed.sort_by_key(|(name, _)| *name == "X-Amz-Signature");
        let mut token = address;
        for (name, value) in &signed {
            token.push_str(&format!("&{name}={}", utf8_percent_encode(value, RESERVED)));
        }
        Ok(token)
    }
}

/// Whether nobody on the way can read along. Without TLS a server of this machine alone will do, for tests.
fn keeps_secrets(address: &ConnectionAddr) -> bool {
    match address {
        ConnectionAddr::Tcp(host, _) => matches!(host.as_str(), "127.0.0.1" | "localhost" | "::1"),
        _ => true,
    }
}

/// All but what AWS wants to stand as it is in a query: the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Gives a connection its user and a fresh token whenever it is made, the first time or anew.
#[derive(Clone)]
pub(crate) struct Passwords {
    iam: Arc<Iam>,
    clock: Clock,
}

impl Passwords {
    pub(crate) fn new(iam: Iam, clock: Clock) -> Self {
        Self { iam: Arc::new(iam), clock }
    }
}

impl StreamingCredentialsProvider for Passwords {
    fn subscribe(&self) -> Pin<Box<dyn Stream<Item = RedisResult<BasicAuth>> + Send + 'static>> {
        let token = self.iam.token((self.clock)());
        let password = match token {
            Ok(token) => Ok(BasicAuth::new(self.iam.user.clone(), token)),
            Err(error) => Err(RedisError::from((
                ErrorKind::AuthenticationFailed,
                "no IAM token can be made",
                error.to_string(),
            ))),
        };
        // A connection needs no second one: ElastiCache asks once, and ends each connection after 12 hours.
        Box::pin(stream::iter([password]).chain(stream::pending()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use harness::Redis;

    use super::*;
    use crate::{Config, Patience, Store};

    /// What botocore 1.44.8 makes of the same, its clock held at 1790000000:
    ///
    /// ```python
    /// request = AWSRequest("GET", f"http://{cache}/", params={
    ///     "Action": "connect", "User": user, "ResourceType": "ServerlessCache"})
    /// credentials = Credentials("AKIDEXAMPLE", "secret/key+", session_token)
    /// SigV4QueryAuth(credentials, "elasticache", region, expires=900).add_auth(request)
    /// print(request.url.removeprefix("http://"))
    /// ```
    const OF_BOTOCORE: [&str; 2] = [
        "my-cache/?Action=connect&User=default.iam-user&ResourceType=ServerlessCache&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260921%2Fus-east-1%2Felasticache%2Faws4_request&X-Amz-Date=20260921T141320Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Security-Token=SESS%2Ftok%2Ben%3D%3D&X-Amz-Signature=75f9480617e1dc1830b42ccd9893cb63a898bb51d5330ed921364f514bb644e5",
        "rollcall-pub/?Action=connect&User=roll_call-reader&ResourceType=ServerlessCache&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260921%2Feu-central-1%2Felasticache%2Faws4_request&X-Amz-Date=20260921T141320Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=e02d19eee82794e16f51bcfd6831f1f9f3e274f476dc3a267a5e3a5f9246b926",
    ];

    #[test]
    fn a_token_is_that_of_botocore() {
        let token = |session: Option<&str>, region: &str, cache: &str, user: &str| {
            let credentials = Credentials::new(
                "AKIDEXAMPLE",
                "secret/key+",
                session.map(str::to_owned),
                None,
                "test",
            );
            let iam =
                Iam { cache: cache.into(), user: user.into(), region: region.into(), credentials };
            iam.token(1_790_000_000_000).unwrap()
        };
        let [with_session, without] = OF_BOTOCORE;
        let made = token(Some("SESS/tok+en=="), "us-east-1", "my-cache", "default.iam-user");
        assert_eq!(made, with_session);
        assert_eq!(token(None, "eu-central-1", "rollcall-pub", "roll_call-reader"), without);
    }

    #[test]
    fn what_is_missing_is_named() {
        let problems = |variables: &[(&str, &str)]| {
            let lookup = settings::from_pairs(variables);
            let mut reader = Reader::new(&lookup);
            let config = Config::read(&mut reader);
            reader.finish(config).err().map(|problems| problems.to_string()).unwrap_or_default()
        };
        let aws = [
            ("REDIS_IAM_CACHE", "Rollcall-pub"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let with_url = |url| problems(&[&[("REDIS_URL", url)], &aws[..]].concat());
        assert_eq!(with_url("rediss://default.iam-user@cache.example.com:6379"), "");
        assert!(with_url("rediss://cache.example.com").contains("REDIS_URL must name the user"));
        assert!(with_url("redis://u@cache.example.com").contains("must be rediss://"));
        assert!(with_url("rediss://u:p@cache.example.com").contains("must hold no password"));
        let bare = problems(&[
            ("REDIS_URL", "rediss://u@cache.example.com"),
            ("REDIS_IAM_CACHE", "cache.example.com:6379"),
        ]);
        assert!(bare.contains("REDIS_IAM_CACHE must be the name"), "{bare}");
        let alone = problems(&[
            ("REDIS_URL", "rediss://u@cache.example.com"),
            ("REDIS_IAM_CACHE", "cache"),
        ]);
        for variable in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert!(alone.contains(variable), "{variable} is not in: {alone}");
        }
    }

    #[tokio::test]
    async fn each_connection_has_a_token_of_its_own_time() {
        let redis = Redis::start().await.unwrap();
        let url = redis.url().replace("//", "//reader@");
        let variables = [
            ("REDIS_URL", url.as_str()),
            ("REDIS_IAM_CACHE", "rollcall-pub"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "SESS/tok+en=="),
        ];
        let lookup = settings::from_pairs(&variables);
        let mut reader = Reader::new(&lookup);
        let config = Config::read(&mut reader);
        let config = reader.finish(config).unwrap();
        // As ElastiCache does, this Redis lets in who has the token of this time.
        let admit = async |now: Millis| {
            let password = format!(">{}", config.iam.as_ref().unwrap().token(now).unwrap());
            let words = ["ACL", "SETUSER", "reader", "reset", "on", "~*", "+@all", &password];
            let _: () = redis.command(&words).await.unwrap();
        };
        let second = Duration::from_secs(1);
        let patience = Patience { connect: second, answer: second, total: 2 * second, waits: None };
        let now = Arc::new(AtomicU64::new(1_790_000_000_000));
        let shown = Arc::clone(&now);
        let clock: Clock = Arc::new(move || shown.load(Ordering::Relaxed));
        let store = Store::new(&config, patience, clock).unwrap();

        admit(1_790_000_000_000).await;
        store.ping().await.unwrap();
        let later = now.fetch_add(3_600_000, Ordering::Relaxed) + 3_600_000;
        admit(later).await;
        let _: u64 = redis.command(&["CLIENT", "KILL", "USER", "reader"]).await.unwrap();
        store.ping().await.unwrap();

        // What was refused once is let in when the token is right again.
        admit(later + 1000).await;
        let _: u64 = redis.command(&["CLIENT", "KILL", "USER", "reader"]).await.unwrap();
        let refused = store.ping().await.unwrap_err().to_string();
        assert!(!refused.contains("X-Amz-Signature"), "{refused}");
        now.store(later + 1000, Ordering::Relaxed);
        store.ping().await.unwrap();
    }
}
