"""Lets partitions that are taken over stand where their states say, if that is in the logs that are there."""

from collections.abc import Mapping

from schemas.topics import EVENTS_CLEAN
from services.profile.adapters.faust_gap import forgetting, recognised, to_recognise, within
from services.profile.adapters.faust_loader import Loader
from services.profile.adapters.faust_partition import Partition
from services.profile.core.rules import Rules


async def place(partitions: Mapping[int, Partition], loader: Loader, rules: Rules) -> None:
    """Begin each partition at its checkpoint; what the operator accepts is forgotten from it.

    Raises:
        Ended: 76: an input is another log, or records were deleted unread, and that is not accepted.
    """
    is_accepted, logs = rules.accepts_gap, await loader.logs(partitions)
    for each, partition in partitions.items():
        partition.begin(logs[each][EVENTS_CLEAN.short])
        partition.stand(within(partition.checkpoint, logs[each], is_accepted=is_accepted))
        partition.stand(forgetting(partition.checkpoint, rules.made_anew))
    wanted = {each: to_recognise(partition.checkpoint, logs[each]) for each, partition in partitions.items()}
    standing = await loader.records_at(wanted)
    for each, partition in partitions.items():
        found = standing.get(each, {})
        partition.stand(recognised(partition.checkpoint, logs[each], found, is_accepted=is_accepted))
