package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// centrifugo is a client of Centrifugo's server API.
type centrifugo struct {
	url, key string
	http     *http.Client
}

// client is one connection to a channel, as Centrifugo lists it.
type client struct {
	ID   string `json:"client"`
	User string `json:"user"`
	Info info   `json:"conn_info"`
}

type publication struct {
	Channel        string          `json:"channel"`
	Data           json.RawMessage `json:"data"`
	Version        int64           `json:"version"`
	IdempotencyKey string          `json:"idempotency_key"`
}

type command struct {
	Presence *presenceRequest `json:"presence,omitempty"`
	Publish  *publication     `json:"publish,omitempty"`
}

type presenceRequest struct {
	Channel string `json:"channel"`
}

type reply struct {
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Presence struct {
		Presence map[string]client `json:"presence"`
	} `json:"presence"`
}

func newCentrifugo(url, key string) *centrifugo {
	// By default two connections to a host stay open; the other batches would connect anew each time.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = batchesAtOnce
	return &centrifugo{url: url, key: key, http: &http.Client{Transport: transport}}
}

// presence returns who is in each channel, in the order of the channels.
func (c *centrifugo) presence(ctx context.Context, channels []string) ([]map[string]client, error) {
	commands := make([]command, len(channels))
	for i, channel := range channels {
		commands[i].Presence = &presenceRequest{Channel: channel}
	}
	replies, err := c.batch(ctx, commands)
	if err != nil {
		return nil, err
	}
	present := make([]map[string]client, len(replies))
	for i, reply := range replies {
		present[i] = reply.Presence.Presence
	}
	return present, nil
}

func (c *centrifugo) publish(ctx context.Context, publications []publication) error {
	commands := make([]command, len(publications))
	for i := range publications {
		commands[i].Publish = &publications[i]
	}
	_, err := c.batch(ctx, commands)
	return err
}

// batch carries out commands in one call; an error in any slot is an error of the call.
func (c *centrifugo) batch(ctx context.Context, commands []command) ([]reply, error) {
	body, err := json.Marshal(map[string]any{"parallel": true, "commands": commands})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/batch", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-API-Key", c.key)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("centrifugo answered %s", response.Status)
	}
	// Read to the end, so that the connection is used again; a Decoder stops at the end of the JSON.
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Replies []reply `json:"replies"`
	}
	// An info may be JSON of any kind: one that is no object is left out by the decoder, which reads on and says so at
	// the end.
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(text, &answer); err != nil && !errors.As(err, &mismatch) {
		return nil, err
	}
	if len(answer.Replies) != len(commands) {
		return nil, fmt.Errorf("%d replies to %d commands", len(answer.Replies), len(commands))
	}
	for _, reply := range answer.Replies {
		if reply.Error != nil {
			return nil, fmt.Errorf("centrifugo answered %d: %s", reply.Error.Code, reply.Error.Message)
		}
	}
	return answer.Replies, nil
}
