//! The widget's files and the demo page, as the CDN gives them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use widget_files::{FILES, File};

use crate::demo;

/// The file behind `/`.
const INDEX: &str = "index.html";

/// A file as it was compressed at build time; `None` where that does not make it smaller.
struct Compressed {
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// Those of [`FILES`], in their order.
static COMPRESSED: &[Compressed] = include!(concat!(env!("OUT_DIR"), "/compressed.rs"));

/// All files, by their names.
pub(crate) struct Files(HashMap<&'static str, Served>);

/// A file and its forms.
struct Served {
    file: &'static File,
    /// Names the bytes.
    tag: String,
    plain: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// Marks an answer that is a file.
#[derive(Clone, Copy)]
pub(crate) struct IsFile;

impl Files {
    /// The widget's files, and with `has_demo` those of the demo page, which shows `channel`.
    pub(crate) fn new(has_demo: bool, channel: Option<&str>) -> Self {
        let files = FILES.iter().zip(COMPRESSED).filter(|(file, _)| has_demo || !file.is_demo);
        let served = files.map(|(file, compressed)| {
            let served = match channel {
                Some(channel) if file.name == INDEX => {
                    Served::made(file, demo::page(file, channel))
                }
                _ => Served::of(file, compressed),
            };
            (file.name, served)
        });
        Self(served.collect())
    }

    fn find(&self, path: &str) -> Option<&Served> {
        let name = path.strip_prefix('/')?;
        self.0.get(if name.is_empty() { INDEX } else { name })
    }
}

impl Served {
    fn of(file: &'static File, compressed: &Compressed) -> Self {
        let bytes = |bytes: Option<&'static [u8]>| bytes.map(Bytes::from_static);
        let (br, gzip) = (bytes(compressed.br), bytes(compressed.gzip));
        Self { file, tag: tag(file.bytes), plain: Bytes::from_static(file.bytes), br, gzip }
    }

    /// A file whose content is known only now. It has no `br`: the compressor would be half a megabyte of program.
    fn made(file: &'static File, content: Vec<u8>) -> Self {
        let gzip = demo::gzip(&content).map(Bytes::from);
        Self { file, tag: tag(&content), plain: content.into(), br: None, gzip }
    }

    fn respond(&self, headers: &HeaderMap) -> Response {
        let Self { file, tag, plain, br, gzip } = self;
        let forms = [("br", br), ("gzip", gzip)].into_iter();
        let mut taken = forms.filter_map(|(coding, bytes)| {
            accepts(headers, coding).then_some((Some(coding), bytes.as_ref()?))
        });
        let (coding, bytes) = taken.next().unwrap_or((None, plain));
        // Other bytes, so another strong tag.
        let tag = match coding {
            Some(coding) => format!("\"{tag}-{coding}\""),
            None => format!("\"{tag}\""),
        };
        let is_known = http_api::is_known(headers, &tag);
        let about = [
            (header::ETAG, tag),
            (header::CACHE_CONTROL, file.cache_control().to_owned()),
            (header::VARY, "Accept-Encoding".to_owned()),
            // Module scripts are always fetched with CORS, so the element needs it to run on other sites.
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        ];
        if is_known {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let coding = coding.map(|coding| [(header::CONTENT_ENCODING, coding)]);
        let content_type = [(header::CONTENT_TYPE, file.content_type())];
        (about, content_type, coding, bytes.clone()).into_response()
    }
}

/// Answers with a file where there is one of that name, and passes on all else.
pub(crate) async fn or_next(
    State(files): State<Arc<Files>>,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let found = files.find(request.uri().path()).filter(|_| is_read);
    let mut response = match found {
        Some(file) => file.respond(request.headers()),
        None => return next.run(request).await,
    };
    response.extensions_mut().insert(IsFile);
    response
}

/// Names bytes among all that stand under one name.
fn tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}", hasher.finish())
}

/// Whether a reader takes this coding: it is named, and not with a weight of 0.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let lists = lists.filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_coding_is_taken_where_it_is_named() {
        let accepts = |list: &'static str, coding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
            super::accepts(&headers, coding)
        };
        for list in ["br", "gzip, BR", "gzip;q=1.0, br;q=0.1", "br ; q=0.5", "x;q=0,br"] {
            assert!(accepts(list, "br"), "{list}");
        }
        for list in ["", "gzip", "br;q=0", "br; q=0.000", "brotli", "*", "br;q=x"] {
            assert!(!accepts(list, "br"), "{list}");
        }
        assert!(!super::accepts(&HeaderMap::new(), "gzip"));
    }

    #[test]
    fn each_file_has_its_forms() {
        assert_eq!(FILES.len(), COMPRESSED.len());
        let files = Files::new(true, None);
        let script = files.find("/roll-call.js").unwrap();
        let (br, gzip) = (script.br.as_ref().unwrap(), script.gzip.as_ref().unwrap());
        assert!(br.len() < gzip.len() && gzip.len() < script.plain.len());
        assert!(files.find("/").is_some() && files.find("roll-call.js").is_none());
        let without = Files::new(false, Some("site:main"));
        assert!(without.find("/").is_none() && without.find("/demo.js").is_none());
        assert!(without.find("/roll-call.js").is_some());
    }
}
