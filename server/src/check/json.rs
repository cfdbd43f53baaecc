//! The lines for a machine.

use serde::Serialize;

use super::line::{Line, State};

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    ok: bool,
    checks: &'a [Line],
}

/// One line of JSON: `{"v":1,"ok":false,"checks":[…]}`.
///
/// # Errors
/// None that is known.
pub(super) fn text(lines: &[Line]) -> serde_json::Result<String> {
    let ok = lines.iter().all(|line| line.state != State::Wrong);
    Ok(serde_json::to_string(&Document { v: 1, ok, checks: lines })? + "\n")
}

#[cfg(test)]
mod tests {
    use super::super::see::See;
    use super::*;

    #[test]
    fn it_is_as_the_contract_says() {
        let lines = [
            Line::ok("redis.connection", "127.0.0.1:6379", "it answers"),
            Line::wrong("centrifugo.presence", "room", "is off")
                .change("switch it on", See::CONFIGURATION),
        ];
        let expected = concat!(
            r#"{"v":1,"ok":false,"checks":["#,
            r#"{"what":"redis.connection","of":"127.0.0.1:6379","state":"ok","says":"it answers"},"#,
            r#"{"what":"centrifugo.presence","of":"room","state":"wrong","says":"is off","#,
            r#""change":"switch it on","see":"docs/CENTRIFUGO.md#a-configuration-complete"}]}"#,
            "\n"
        );
        assert_eq!(text(&lines).unwrap(), expected);
        assert!(text(&lines[..1]).unwrap().contains(r#""ok":true"#));
    }
}
