// A roll call as one would plainly write it in Go, with net/http and go-redis.
//
// Reads a moment (taken_at, milliseconds) a line, takes one roll call of all channels with it, and writes what was done
// as one line of JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

const (
	presenceBatch = 250
	publishBatch  = 100
	// So many batches are under way at once: while one waits for Redis, the next is asked.
	batchesAtOnce = 8
	viewExpiry    = 3600 * time.Second
)

type report struct {
	Committed int `json:"committed"`
	Joined    int `json:"joined"`
	Left      int `json:"left"`
	Published int `json:"published"`
}

type collector struct {
	centrifugo *centrifugo
	redis      *redis.Client
	prefix     string
	channels   []string
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	names, err := os.ReadFile(os.Getenv("CHANNELS_FILE"))
	if err != nil {
		return err
	}
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		return err
	}
	c := collector{
		centrifugo: newCentrifugo(os.Getenv("CENTRIFUGO_API_URL"), os.Getenv("CENTRIFUGO_API_KEY")),
		redis:      redis.NewClient(options),
		prefix:     os.Getenv("PREFIX"),
		channels:   strings.Split(strings.TrimSpace(string(names)), "\n"),
	}
	defer c.redis.Close()

	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		takenAt, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return err
		}
		report, err := c.rollCall(ctx, takenAt)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *collector) rollCall(ctx context.Context, takenAt int64) (report, error) {
	var mutex sync.Mutex
	var total report
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtOnce)
	for batch := range slices.Chunk(c.channels, presenceBatch) {
		group.Go(func() error {
			done, err := c.take(ctx, batch, takenAt)
			mutex.Lock()
			defer mutex.Unlock()
			total.Committed += done.Committed
			total.Joined += done.Joined
			total.Left += done.Left
			total.Published += done.Published
			return err
		})
	}
	err := group.Wait()
	return total, err
}

// take asks, compares, commits and publishes one batch of channels.
func (c *collector) take(ctx context.Context, channels []string, takenAt int64) (report, error) {
	var done report
	present, err := c.centrifugo.presence(ctx, channels)
	if err != nil {
		return done, err
	}
	ledgers, err := c.ledgers(ctx, channels)
	if err != nil {
		return done, err
	}

	publications := make([]publication, 0, len(channels))
	commit := c.redis.Pipeline()
	for i, channel := range channels {
		result := compare(channel, takenAt, present[i], ledgers[i])
		counts, err := json.Marshal(result.counts)
		if err != nil {
			return done, err
		}
		members, err := json.Marshal(result.members)
		if err != nil {
			return done, err
		}
		ledger, err := json.Marshal(result.ledger)
		if err != nil {
			return done, err
		}
		view := c.key(channel, "view")
		commit.HSet(ctx, view, "taken_at", takenAt, "counts", counts, "members", members)
		commit.Expire(ctx, view, viewExpiry)
		commit.Set(ctx, c.key(channel, "ledger"), ledger, 0)
		publications = append(publications, publication{
			Channel:        "presence:" + channel,
			Data:           members,
			Version:        takenAt,
			IdempotencyKey: fmt.Sprintf("%s@%d", c.prefix, takenAt),
		})
		done.Joined += result.joined
		done.Left += result.left
	}
	if _, err := commit.Exec(ctx); err != nil {
		return done, err
	}
	done.Committed = len(channels)

	for batch := range slices.Chunk(publications, publishBatch) {
		if err := c.centrifugo.publish(ctx, batch); err != nil {
			return done, err
		}
		done.Published += len(batch)
	}
	return done, nil
}

// ledgers reads what the last roll call left; a channel that had none begins with an empty one.
func (c *collector) ledgers(ctx context.Context, channels []string) ([]ledger, error) {
	keys := make([]string, len(channels))
	for i, channel := range channels {
		keys[i] = c.key(channel, "ledger")
	}
	kept, err := c.redis.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
	}
	ledgers := make([]ledger, len(channels))
	for i, value := range kept {
		if text, ok := value.(string); ok {
			if err := json.Unmarshal([]byte(text), &ledgers[i]); err != nil {
				return nil, err
			}
		}
	}
	return ledgers, nil
}

func (c *collector) key(channel, kind string) string {
	return fmt.Sprintf("%s:{%s}:%s", c.prefix, channel, kind)
}
