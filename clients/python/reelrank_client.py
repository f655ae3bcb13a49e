"""Submits samples to a Reelrank farm and follows its facts, without Java (docs/clients.md)."""

import argparse
import base64
import io
import json
import pathlib
import re
import sys

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
MARKER = b"\xc3\x01"
HEADER = 10
FACTS = ["samples", "prompts", "candidates", "rankings", "grades", "runs"]


def submission(run, sample, prompt, image, subject=None, edited_prompt=None, preset=None, config=None, name=None):
    """One sample as the bytes of a record on submissions.json. `image`: bytes of a PNG, JPEG or WebP.

    What the farm would refuse raises ValueError here, where the mistake was made.
    """
    for what, value in (("run", run), ("sample", sample)):
        if not ID.fullmatch(value):
            raise ValueError(f"invalid {what} id {value!r}: use letters, digits, '.', '_' and '-'")
    if not prompt.strip():
        raise ValueError("the prompt is empty")
    if not (image[:6] == b"\x89PNG\r\n" or image[:3] == b"\xff\xd8\xff" or (image[:4] == b"RIFF" and image[8:12] == b"WEBP")):
        raise ValueError("the image is no PNG, JPEG or WebP")
    fields = {
        "run": run,
        "sample": sample,
        "prompt": prompt,
        "image": {"base64": base64.b64encode(image).decode("ascii")},
        "subject": subject,
        "editedPrompt": edited_prompt,
        "preset": preset,
        "config": config,
        "submission": name,
    }
    return json.dumps({k: v for k, v in fields.items() if v is not None}, ensure_ascii=False).encode("utf-8")


def fingerprint(record):
    """The schema of a fact, as `schemas/published` names it. ValueError for bytes that are no event."""
    if len(record) < HEADER or record[:2] != MARKER:
        raise ValueError("these bytes are no event of Reelrank")
    return f"{int.from_bytes(record[2:HEADER], 'little'):016x}"


class Facts:
    """Decodes facts with the schemas of a folder (`schemas/published`)."""

    def __init__(self, schemas):
        self._folder = pathlib.Path(schemas)
        self._parsed = {}

    def decode(self, record):
        """The fact as a dictionary. LookupError if a newer farm wrote it: update the schemas."""
        import fastavro

        number = fingerprint(record)
        if number not in self._parsed:
            file = self._folder / f"{number}.avsc"
            if not file.exists():
                raise LookupError(f"no schema {number} in {self._folder}: a newer version of Reelrank wrote this record")
            self._parsed[number] = fastavro.parse_schema(json.loads(file.read_text("utf-8")))
        return fastavro.schemaless_reader(io.BytesIO(record[HEADER:]), self._parsed[number])


def submit(bootstrap, record, key, settings=()):
    """Writes a record and returns when the cluster has it."""
    from confluent_kafka import Producer

    failures = []
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "message.max.bytes": 12_000_000, **dict(settings)})
    producer.produce("submissions.json", record, key, on_delivery=lambda error, _: failures.append(error) if error else None)
    left = producer.flush(60)
    if left or failures:
        raise ConnectionError(f"{bootstrap} did not take the record: {failures or 'no answer within 60 s'}")


def follow(bootstrap, facts, run, settings=()):
    """Yields (topic, fact) of a run from the beginning, for ever."""
    from confluent_kafka import Consumer, KafkaException

    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "unused",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            **dict(settings),
        }
    )
    try:
        cluster = consumer.list_topics(timeout=30).topics
        from confluent_kafka import OFFSET_BEGINNING, TopicPartition

        consumer.assign(
            [TopicPartition(t, p, OFFSET_BEGINNING) for t in FACTS if t in cluster for p in cluster[t].partitions]
        )
        while True:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            if (message.key() or b"").decode("utf-8").split("/")[0] == run:
                yield message.topic(), facts.decode(message.value())
    finally:
        consumer.close()


def _settings(file):
    """The lines NAME=VALUE of a file: secrets do not belong on a command line."""
    lines = pathlib.Path(file).read_text("utf-8").splitlines() if file else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="reelrank_client", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    send = commands.add_parser("submit", help="send one sample")
    read = commands.add_parser("follow", help="print the facts of a run as JSON lines")
    for command in (send, read):
        command.add_argument("--bootstrap", required=True)
        command.add_argument("--kafka-config", help="file with settings of librdkafka (SASL, TLS, ...)")
        command.add_argument("--run", required=True)
    send.add_argument("--sample", required=True)
    send.add_argument("--prompt", required=True)
    send.add_argument("--subject")
    send.add_argument("--preset")
    send.add_argument("image", type=pathlib.Path)
    read.add_argument("--schemas", required=True, help="the folder schemas/published")
    options = parser.parse_args(arguments)
    settings = _settings(options.kafka_config)
    try:
        if options.command == "submit":
            record = submission(
                options.run,
                options.sample,
                options.prompt,
                options.image.read_bytes(),
                subject=options.subject,
                preset=options.preset,
            )
            submit(options.bootstrap, record, f"{options.run}/{options.sample}", settings)
        else:
            for topic, fact in follow(options.bootstrap, Facts(options.schemas), options.run, settings):
                print(json.dumps({"topic": topic, "fact": fact}, default=str, ensure_ascii=False), flush=True)
    except (ValueError, OSError, LookupError) as error:
        print(f"reelrank_client: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
