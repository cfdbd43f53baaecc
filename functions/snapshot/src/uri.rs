//! Makes a URI of what a request named. Whatever a reader sends may stand in the event of a function URL, and
//! `lambda_http` panics where that is no URI: an invocation that failed, in the place of an answer.

use std::borrow::Cow;

use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What can't stand in a query. `#` would end it.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// What can't stand in a path. `?` would end it, and a backslash is taken for a slash.
const PATH: &AsciiSet = &QUERY.add(b'?').add(b'\\');

/// The same request with path and query as they stand in a URI; what is encoded already stays as it is.
pub(crate) fn encoded(mut request: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(event) = &mut request else { return request };
    encode(&mut event.raw_path, PATH);
    encode(&mut event.raw_query_string, QUERY);
    request
}

fn encode(text: &mut Option<String>, set: &'static AsciiSet) {
    // Next to always nothing needs it, and nothing is copied.
    let encoded = text.as_deref().map(|text| Cow::from(utf8_percent_encode(text, set)));
    if let Some(Cow::Owned(encoded)) = encoded {
        *text = Some(encoded);
    }
}
