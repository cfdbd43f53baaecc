package main

import (
	"cmp"
	"slices"
	"strings"
)

const (
	listedMax = 50
	recentMax = 20
	recentMs  = 900_000
	dayMs     = 24 * 60 * 60 * 1000
)

// info is what of a client's info goes into a page.
type info struct {
	Name   any `json:"name,omitempty"`
	Avatar any `json:"avatar,omitempty"`
	URL    any `json:"url,omitempty"`
}

type countsView struct {
	V       int    `json:"v"`
	Channel string `json:"channel"`
	TakenAt int64  `json:"taken_at"`
	Period  int    `json:"period"`
	Present int    `json:"present"`
	Users   int    `json:"users"`
	Guests  int    `json:"guests"`
	Clients int    `json:"clients"`
	Peak    peaks  `json:"peak"`
}

type membersView struct {
	countsView
	Members   []member    `json:"members"`
	Truncated bool        `json:"truncated"`
	Recent    []departure `json:"recent"`
}

type member struct {
	ID      string `json:"id"`
	Info    info   `json:"info"`
	Clients int    `json:"clients"`
	Since   int64  `json:"since"`
}

type departure struct {
	ID       string `json:"id"`
	Info     info   `json:"info"`
	LastSeen int64  `json:"last_seen"`
}

// ledger is what is remembered of a channel; its users are a list, since the keys of a map would be sorted on writing.
type ledger struct {
	TakenAt int64        `json:"taken_at"`
	Peak    peaks        `json:"peak"`
	Users   []remembered `json:"users"`
}

type remembered struct {
	ID       string `json:"id"`
	Since    int64  `json:"since"`
	LastSeen int64  `json:"last_seen"`
	Info     info   `json:"info"`
}

type peaks struct {
	Today peak `json:"today"`
	Ever  peak `json:"ever"`
}

type peak struct {
	Present int   `json:"present"`
	At      int64 `json:"at"`
}

type result struct {
	counts       countsView
	members      membersView
	ledger       ledger
	joined, left int
}

// user is all clients of one user id; the one of the smallest client id speaks for them, since Centrifugo answers in any
// order.
type user struct {
	clients int
	speaker string
	info    info
}

// compare makes of who is on the socket, and of the ledger of the last roll call, both views and the next ledger.
func compare(channel string, takenAt int64, clients map[string]client, before ledger) result {
	guests, users := census(clients)
	known := make(map[string]remembered, len(before.Users))
	for _, user := range before.Users {
		known[user.ID] = user
	}

	result := result{ledger: ledger{TakenAt: takenAt, Users: make([]remembered, 0, len(users))}}
	members := make([]member, 0, len(users))
	for id, user := range users {
		since := takenAt
		if last, ok := known[id]; ok && last.LastSeen == before.TakenAt {
			since = last.Since
		} else {
			result.joined++
		}
		info := shown(user.info)
		members = append(members, member{ID: id, Info: info, Clients: user.clients, Since: since})
		result.ledger.Users = append(result.ledger.Users, remembered{ID: id, Since: since, LastSeen: takenAt, Info: info})
	}
	slices.SortFunc(members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), strings.Compare(a.ID, b.ID))
	})

	recent := []departure{}
	for _, last := range before.Users {
		if _, here := users[last.ID]; here {
			continue
		}
		if last.LastSeen == before.TakenAt {
			result.left++
		}
		if last.LastSeen >= takenAt-recentMs {
			recent = append(recent, departure{ID: last.ID, Info: last.Info, LastSeen: last.LastSeen})
			result.ledger.Users = append(result.ledger.Users, last)
		}
	}
	slices.SortFunc(recent, func(a, b departure) int {
		return cmp.Or(cmp.Compare(b.LastSeen, a.LastSeen), strings.Compare(a.ID, b.ID))
	})

	present := len(users) + guests
	result.ledger.Peak = before.Peak.after(peak{Present: present, At: takenAt})
	result.counts = countsView{
		V:       1,
		Channel: channel,
		TakenAt: takenAt,
		Period:  60,
		Present: present,
		Users:   len(users),
		Guests:  guests,
		Clients: len(clients),
		Peak:    result.ledger.Peak,
	}
	result.members = membersView{
		countsView: result.counts,
		Members:    members[:min(len(members), listedMax)],
		Truncated:  len(members) > listedMax,
		Recent:     recent[:min(len(recent), recentMax)],
	}
	return result
}

// census counts the guests and gathers the clients of each user.
func census(clients map[string]client) (guests int, users map[string]user) {
	users = make(map[string]user, len(clients))
	for id, client := range clients {
		if client.User == "" {
			guests++
			continue
		}
		known := users[client.User]
		if known.clients == 0 || id < known.speaker {
			known.speaker, known.info = id, client.Info
		}
		known.clients++
		users[client.User] = known
	}
	return guests, users
}

// shown drops what may not go into a page: an info's fields may be JSON of any kind.
func shown(raw info) info {
	switch raw.Name.(type) {
	case string, float64, bool:
	default:
		raw.Name = nil
	}
	return info{Name: raw.Name, Avatar: webURL(raw.Avatar), URL: webURL(raw.URL)}
}

func webURL(value any) any {
	url, _ := value.(string)
	if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
		return value
	}
	return nil
}

// after returns the records of this UTC day and of all days, this roll call included.
func (before peaks) after(now peak) peaks {
	after := peaks{Today: before.Today.or(now), Ever: before.Ever.or(now)}
	if before.Today.At/dayMs != now.At/dayMs {
		after.Today = now
	}
	return after
}

// or returns the higher of two; a channel without a ledger has a record of nothing, at no time.
func (record peak) or(now peak) peak {
	if record.At == 0 || now.Present > record.Present {
		return now
	}
	return record
}
