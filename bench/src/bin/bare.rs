//! A bare function that answers the bytes of a view from one `HMGET`: no routes, no visibility, no caching.

use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = redis::Client::open(std::env::var("REDIS_URL")?)?;
    let redis = &client.get_multiplexed_async_connection().await?;
    run(service_fn(async move |request: Request| {
        let path = request.uri().path();
        let channel = path.strip_prefix("/v1/presence/").ok_or("another path")?;
        let (_, view): (String, String) = redis::cmd("HMGET")
            .arg(format!("rollcall:{{{channel}}}:view"))
            .arg(&["taken_at", "members"])
            .query_async(&mut redis.clone())
            .await?;
        let response = Response::builder().header(CONTENT_TYPE, "application/json");
        Ok::<_, Error>(response.body(view)?)
    }))
    .await
}
