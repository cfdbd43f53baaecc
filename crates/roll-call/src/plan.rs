//! Divides the channels of a roll call into shards.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What asking and keeping a channel costs beside its clients, in clients: an empty channel takes about as long as so many
/// people in a big one (docs/PERFORMANCE.md: 295 ms for 10,000 channels of 10, 98 ms for one of
/// 100,000).
const CHANNEL: u64 = 20;

/// What a shard may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) channels: usize,
    /// In several channels; a channel alone may have more, since one is never divided.
    pub(crate) clients: u64,
    /// Of channels' names.
    pub(crate) bytes: usize,
}

/// A channel as it is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) clients: u64,
    /// Of its name.
    pub(crate) bytes: usize,
}

/// A shard that is being filled.
#[derive(Default)]
struct Open {
    places: Vec<usize>,
    clients: u64,
    bytes: usize,
}

/// Whether channels with so many clients are too many for one invocation.
pub(crate) fn is_due(clients: impl ExactSizeIterator<Item = u64>, limits: Limits) -> bool {
    let n_channels = clients.len();
    n_channels > limits.channels || (n_channels > 1 && clients.sum::<u64>() > limits.clients)
}

/// Divides channels into few shards of about the same work, each within its limits; gives the places of each shard's
/// channels, in order. The first shard holds the first channel.
pub(crate) fn divide(channels: &[Size], limits: Limits) -> Vec<Vec<usize>> {
    let mut fullest: Vec<usize> = (0..channels.len()).collect();
    fullest.sort_by_key(|place| Reverse(channels[*place].clients));
    let n_giants = fullest.partition_point(|place| channels[*place].clients > limits.clients);
    let (giants, others) = fullest.split_at(n_giants);
    let n_clients: u64 = others.iter().map(|place| channels[*place].clients).sum();
    let least = others.len().div_ceil(limits.channels);
    let least = least.max(usize::try_from(n_clients.div_ceil(limits.clients)).unwrap_or(least));

    // The next fullest always goes to the shard that has the least to do. One that is full leaves the heap.
    let mut shards: Vec<Open> = Vec::new();
    shards.resize_with(least, Open::default);
    let mut idlest: BinaryHeap<Reverse<(u64, usize)>> =
        (0..least).map(|shard| Reverse((0, shard))).collect();
    for place in others {
        let size = channels[*place];
        let shard = loop {
            match idlest.pop() {
                Some(Reverse((_, shard))) if shards[shard].bytes + size.bytes > limits.bytes => {}
                Some(Reverse((work, shard)))
                    if shards[shard].clients + size.clients > limits.clients =>
                {
                    // There is room for emptier ones.
                    idlest.push(Reverse((work, shard)));
                    break shards.len();
                }
                Some(Reverse((_, shard))) => break shard,
                None => break shards.len(),
            }
        };
        if shard == shards.len() {
            shards.push(Open::default());
        }
        let open = &mut shards[shard];
        open.places.push(*place);
        open.clients += size.clients;
        open.bytes += size.bytes;
        if open.places.len() < limits.channels {
            let work = open.clients + CHANNEL * open.places.len() as u64;
            idlest.push(Reverse((work, shard)));
        }
    }
    let mut divided: Vec<Vec<usize>> = giants.iter().map(|place| vec![*place]).collect();
    divided.extend(shards.into_iter().map(|mut shard| {
        shard.places.sort_unstable();
        shard.places
    }));
    divided.sort_unstable_by_key(|places| places[0]);
    divided
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { channels: 100, clients: 1000, bytes: 4000 };

    fn sizes(clients: impl IntoIterator<Item = u64>) -> Vec<Size> {
        clients.into_iter().map(|clients| Size { clients, bytes: 10 }).collect()
    }

    fn clients_of(places: &[usize], sizes: &[Size]) -> u64 {
        places.iter().map(|place| sizes[*place].clients).sum()
    }

    #[test]
    fn too_many_channels_or_too_many_clients_of_several_are_divided() {
        let due = |clients: Vec<u64>| is_due(clients.into_iter(), LIMITS);
        assert!(!due(vec![0; 100]) && due(vec![0; 101]));
        assert!(!due(vec![500, 500]) && due(vec![500, 501]));
        assert!(!due(vec![1_000_000]), "one channel is never divided");
        assert!(!due(vec![]));
    }

    #[test]
    fn a_channel_of_too_many_clients_is_a_shard_of_its_own() {
        let plan = divide(&sizes([5, 4000, 7, 1001, 1000]), LIMITS);
        assert_eq!(plan, [vec![0, 2], vec![1], vec![3], vec![4]]);
    }

    #[test]
    fn shards_have_about_the_same_to_do() {
        let crowd = sizes((0..20_000).map(|place| if place % 1000 == 0 { 900 } else { 3 }));
        let plan = divide(&crowd, Limits { channels: 1000, clients: 10_000, bytes: usize::MAX });
        assert_eq!(plan.len(), 20);
        let work = |places: &Vec<usize>| clients_of(places, &crowd) + CHANNEL * places.len() as u64;
        let (least, most) = (plan.iter().map(work).min(), plan.iter().map(work).max());
        assert!(most.unwrap() - least.unwrap() <= 100, "{least:?} {most:?}");
    }

    fn crowd() -> impl Strategy<Value = Vec<Size>> {
        let few_or_many = prop_oneof![0..2_u64, 0..20_u64, 0..300_u64, 0..3000_u64];
        let size = (few_or_many, 4..254_usize).prop_map(|(clients, bytes)| Size { clients, bytes });
        proptest::collection::vec(size, 1..2000)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// And there are not many more of them than there must be.
        #[test]
        fn every_channel_is_in_one_shard_and_no_shard_is_too_big(crowd in crowd()) {
            let plan = divide(&crowd, LIMITS);
            let mut places = plan.concat();
            places.sort_unstable();
            prop_assert!(places.into_iter().eq(0..crowd.len()), "each of them once");
            let bytes_of = |places: &[usize]| places.iter().map(|place| crowd[*place].bytes).sum::<usize>();
            for shard in &plan {
                prop_assert!(shard.is_sorted() && !shard.is_empty() && shard.len() <= LIMITS.channels);
                prop_assert!(shard.len() == 1 || clients_of(shard, &crowd) <= LIMITS.clients);
                prop_assert!(bytes_of(shard) <= LIMITS.bytes);
            }
            let all: Vec<usize> = (0..crowd.len()).collect();
            let n_clients = usize::try_from(clients_of(&all, &crowd)).unwrap();
            let least = [crowd.len() / LIMITS.channels, n_clients / 1000, bytes_of(&all) / LIMITS.bytes];
            let least = least.into_iter().max().unwrap() + 1;
            let n_giants = crowd.iter().filter(|size| size.clients > LIMITS.clients).count();
            prop_assert!(plan.len() <= 2 * least + n_giants, "{} shards, {}", plan.len(), least);
        }
    }
}
