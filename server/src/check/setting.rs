//! How it is said what to change in Centrifugo's configuration: always with the JSON that belongs there.

/// What stands for a channel's namespace in a line: its name, or where the options of channels without one stand.
pub(super) fn place(namespace: &str) -> &str {
    if namespace.is_empty() { "channel.without_namespace" } else { namespace }
}

/// A setting that is not in `channel`, e.g. `"http_api": {"key": "…"}`.
pub(super) fn set(json: &str) -> String {
    format!("set `{json}` in Centrifugo's configuration")
}

/// Options of a namespace, e.g. `"presence": true`.
pub(super) fn set_in(namespace: &str, json: &str) -> String {
    match namespace {
        "" => format!("set `{json}` in `channel.without_namespace` of Centrifugo's configuration"),
        _ => format!("set `{json}` in the namespace `{namespace}` of Centrifugo's configuration"),
    }
}

/// A namespace that is missing, with its options.
pub(super) fn add_namespace(namespace: &str, options: &str) -> String {
    format!(
        "add `{{\"name\": \"{namespace}\", {options}}}` to `channel.namespaces` of Centrifugo's configuration"
    )
}
