//! Who is in a channel, by the words of the contract: the model's own way from clients to people.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::marks::is_guest;

/// One connection in a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) conn_info: Option<Value>,
    pub(crate) chan_info: Option<Value>,
}

/// Who is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Census {
    pub(crate) clients: u64,
    pub(crate) guests: u64,
    /// Users who may be named, by id.
    pub(crate) named: BTreeMap<String, Named>,
    /// Users who may not, although they have an id.
    pub(crate) unnamed: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Named {
    pub(crate) info: Map<String, Value>,
    pub(crate) clients: u64,
}

impl Census {
    pub(crate) fn of(clients: &[Client]) -> Self {
        let mut census = Self { clients: clients.len() as u64, ..Self::default() };
        let mut users: BTreeMap<&str, Vec<&Client>> = BTreeMap::new();
        for client in clients {
            match client.user.as_str() {
                "" => census.guests += 1,
                user => users.entry(user).or_default().push(client),
            }
        }
        for (user, mut clients) in users {
            if is_guest(user) || clients.iter().any(|client| says_hidden(client)) {
                census.guests += 1;
                census.unnamed.push(user.to_owned());
                continue;
            }
            clients.sort_by_key(|client| &client.id);
            let infos = clients.iter().map(|client| shown(client));
            let info = infos.into_iter().find(|info| !info.is_empty()).unwrap_or_default();
            let named = Named { info, clients: clients.len() as u64 };
            census.named.insert(user.to_owned(), named);
        }
        census
    }

    pub(crate) fn present(&self) -> u64 {
        self.named.len() as u64 + self.guests
    }
}

fn says_hidden(client: &Client) -> bool {
    let infos = [&client.conn_info, &client.chan_info].into_iter().flatten();
    infos.into_iter().any(|info| info.get("hidden") == Some(&Value::Bool(true)))
}

/// What may be shown of a client: `chan_info` if that is an object, else `conn_info`; of it `name`, `avatar` and `url`.
fn shown(client: &Client) -> Map<String, Value> {
    let info = client.chan_info.as_ref().filter(|info| info.is_object());
    let Some(Value::Object(info)) = info.or(client.conn_info.as_ref()) else { return Map::new() };
    let mut shown = Map::new();
    for field in ["name", "avatar", "url"] {
        let value = match info.get(field) {
            Some(Value::String(text)) if field == "name" => {
                Value::String(text.chars().take(256).collect())
            }
            Some(Value::String(text)) if is_web_url(text) => Value::String(text.clone()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) if field == "name" => value.clone(),
            _ => continue,
        };
        shown.insert(field.to_owned(), value);
    }
    shown
}

fn is_web_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && text.chars().count() <= 2048
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn client(id: &str, user: &str, conn_info: Value) -> Client {
        Client { id: id.into(), user: user.into(), conn_info: Some(conn_info), chan_info: None }
    }

    #[test]
    fn people_are_counted_as_the_contract_says() {
        let clients = [
            client("1", "", json!({})),
            client("2", "anonymous", json!({})),
            client("3", "anonymous", json!({})),
            client("4", "uid-1", json!({"name": "one"})),
            client("5", "uid-1", json!({"name": "hidden", "hidden": true})),
            client("7", "uid-2", json!({"name": "later"})),
            client("6", "uid-2", json!({"name": "sooner", "avatar": "javascript:x"})),
        ];
        let census = Census::of(&clients);
        assert_eq!((census.clients, census.guests, census.present()), (7, 3, 4));
        assert_eq!(census.unnamed, ["anonymous", "uid-1"]);
        let named = &census.named["uid-2"];
        assert_eq!(
            (&Value::Object(named.info.clone()), named.clients),
            (&json!({"name": "sooner"}), 2)
        );
    }

    #[test]
    fn the_channels_own_info_comes_first_where_it_is_an_object() {
        let mut one = client("1", "uid-1", json!({"name": "conn"}));
        one.chan_info = Some(json!("no object"));
        assert_eq!(shown(&one)["name"], "conn");
        one.chan_info = Some(json!({"url": "https://x"}));
        assert_eq!(Value::Object(shown(&one)), json!({"url": "https://x"}));
    }
}
