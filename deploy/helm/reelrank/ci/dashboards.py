#!/usr/bin/env python3
"""Writes files/dashboards/*.json. Run it after a change; a test compares the metrics that they name with a running farm.

Nothing in them depends on an installation: the data source and the namespace are variables, and the uids are fixed.
"""
import json
import pathlib

FOLDER = pathlib.Path(__file__).parent.parent / "files" / "dashboards"
NS = 'namespace=~"$namespace"'
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
STAGE = f'{NS}, stage=~"$stage"'
COLOURS = {"success": "green", "reused": "blue", "failed": "red", "returned": "yellow"}


def panel(kind, title, *queries, unit="short", w=8, h=7, about="", **more):
    """queries: pairs of an expression and the legend's text."""
    targets = []
    for i, (expr, legend) in enumerate(queries):
        target = {"refId": chr(65 + i), "expr": expr, "legendFormat": legend, "datasource": SOURCE}
        if kind in ("table", "stat", "bargauge", "gauge"):
            target["instant"] = True
        if kind == "table":
            target["format"] = "table"
        if kind == "heatmap":
            target["format"] = "heatmap"
        targets.append(target)
    out = {"type": kind, "title": title, "datasource": SOURCE, "targets": targets, "w": w, "h": h,
           "fieldConfig": {"defaults": {"unit": unit, "custom": {}}, "overrides": []}, "options": {}}
    if about:
        out["description"] = about
    if kind == "timeseries":
        out["fieldConfig"]["defaults"]["custom"] = {"fillOpacity": 10, "lineWidth": 1, "showPoints": "never"}
        out["options"] = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
        if more.get("stacked"):
            out["fieldConfig"]["defaults"]["custom"]["stacking"] = {"mode": "normal"}
        for name, colour in COLOURS.items():
            out["fieldConfig"]["overrides"].append(
                {"matcher": {"id": "byName", "options": name},
                 "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}]})
    if kind == "stat":
        out["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]}, "textMode": "value_and_name", "colorMode": "value"}
    if "red" in more:
        out["fieldConfig"]["defaults"]["thresholds"] = {
            "mode": "absolute", "steps": [{"color": "green", "value": None}, {"color": "red", "value": more["red"]}]}
    return out


def row(title):
    return {"type": "row", "title": title, "w": 24, "h": 1, "collapsed": False, "panels": []}


def variable(name, query):
    return {"name": name, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name},
            "refresh": 2, "multi": True, "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"},
            "sort": 1}


def dashboard(name, title, about, panels, *variables):
    x = y = tallest = 0
    for number, one in enumerate(panels, 1):
        w, h = one.pop("w"), one.pop("h")
        if x + w > 24:
            x, y, tallest = 0, y + tallest, 0
        one["gridPos"] = {"x": x, "y": y, "w": w, "h": h}
        one["id"] = number
        x, tallest = x + w, max(tallest, h)
    listed = [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "data source"},
              variable("namespace", "label_values(reelrank_build_info, namespace)"), *variables]
    text = json.dumps({
        "uid": f"reelrank-{name}", "title": f"Reelrank / {title}", "description": about, "tags": ["reelrank"],
        "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1, "timezone": "browser",
        "time": {"from": "now-3h", "to": "now"}, "refresh": "30s", "templating": {"list": listed},
        "links": [{"type": "dashboards", "title": "Reelrank", "tags": ["reelrank"], "asDropdown": True,
                   "includeVars": True, "keepTime": True}],
        "annotations": {"list": []}, "panels": panels}, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def per_hour(metric, labels, by):
    return f"3600 * sum by ({by}) (rate({metric}{{{labels}}}[10m]))"


farm = [
    panel("stat", "Workers that make progress", (f"sum by (stage) (reelrank_ready{{{NS}}})", "{{stage}}"), w=10, h=5),
    panel("stat", "Queues", (f"max by (stage) (reelrank_queue_lag{{{NS}}})", "{{stage}}"), w=10, h=5,
          about="Records that are not settled, those in work among them."),
    panel("stat", "Dead letters, 24 h",
          (f'sum(increase(reelrank_flow_dead_letters_total{{{NS}, code!="CANCELLED"}}[24h]))', "dead"), w=4, h=5, red=1),
    panel("timeseries", "Queues", (f"max by (stage) (reelrank_queue_lag{{{NS}}})", "{{stage}}")),
    panel("timeseries", "Age of the oldest work", (f"max by (stage) (reelrank_queue_oldest_seconds{{{NS}}})", "{{stage}}"),
          unit="s"),
    panel("timeseries", "Items per hour", (per_hour("reelrank_items_total", NS, "outcome"), "{{outcome}}"), stacked=True),
    panel("timeseries", "Items per hour and stage",
          (per_hour("reelrank_items_total", NS + ', outcome=~"success|reused"', "stage"), "{{stage}}")),
    panel("timeseries", "Failures by code",
          (f'sum by (stage, code) (increase(reelrank_items_total{{{NS}, outcome="failed"}}[10m])) > 0', "{{stage}} {{code}}")),
    panel("timeseries", "Longest item under way",
          (f"max by (stage) (reelrank_inflight_oldest_seconds{{{NS}}})", "{{stage}}"), unit="s"),
    row("Devices"),
    panel("timeseries", "Time in which workers compute, per stage",
          (f"sum by (stage) (rate(reelrank_item_seconds_sum{{{NS}}}[10m]))", "{{stage}}"), unit="none",
          about="1 is one worker that computes all the time."),
    panel("timeseries", "Reserved device memory", (f"sum by (stage) (reelrank_device_reserved_bytes{{{NS}}})", "{{stage}}"),
          unit="bytes"),
    panel("timeseries", "Models loaded and given away per hour",
          (f"3600 * sum by (stage) (rate(reelrank_load_seconds_count{{{NS}}}[30m]))", "{{stage}} loads"),
          (f"3600 * sum by (stage) (rate(reelrank_yields_total{{{NS}}}[30m]))", "{{stage}} yields")),
    panel("timeseries", "GPU: a kernel ran", ("avg by (Hostname, gpu) (DCGM_FI_PROF_GR_ENGINE_ACTIVE)", "{{Hostname}} {{gpu}}"),
          unit="percentunit", about="From NVIDIA's exporter. 1 means that some kernel ran, not that the GPU was full."),
    panel("timeseries", "GPU: tensor cores", ("avg by (Hostname, gpu) (DCGM_FI_PROF_PIPE_TENSOR_ACTIVE)", "{{Hostname}} {{gpu}}"),
          unit="percentunit"),
    panel("timeseries", "GPU memory",
          ("DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE)", "{{Hostname}} {{gpu}}"), unit="percentunit"),
    row("Flow and Kafka"),
    panel("timeseries", "Kafka has not answered for", (f"max(reelrank_cluster_silence_seconds{{{NS}}})", "silence"), unit="s"),
    panel("timeseries", "Events flow has not read",
          (f"max(kafka_consumer_fetch_manager_records_lag_max{{{NS}}})", "records")),
    panel("timeseries", "Flow's threads", (f"sum(kafka_stream_alive_stream_threads{{{NS}}})", "alive"),
          (f"sum(kafka_stream_failed_stream_threads_total{{{NS}}})", "failed")),
    panel("timeseries", "Longest commit", (f"max(kafka_stream_thread_commit_latency_max{{{NS}}})", "commit"), unit="ms"),
    panel("timeseries", "Memory of processes", (f'sum by (worker) (jvm_memory_used_bytes{{{NS}}})', "{{worker}}"),
          unit="bytes", about="Of the Java heap and what belongs to it; models lie outside."),
    panel("table", "Builds", (f"count by (version, java) (reelrank_build_info{{{NS}}})", "")),
]

stage = [
    panel("stat", "Workers", (f"count(reelrank_ready{{{STAGE}}})", "there"), (f"sum(reelrank_ready{{{STAGE}}})", "ready"), w=6, h=5),
    panel("stat", "Queue", (f"sum(max by (stage) (reelrank_queue_lag{{{STAGE}}}))", "records"), w=4, h=5),
    panel("stat", "Oldest", (f"max(reelrank_queue_oldest_seconds{{{STAGE}}})", "age"), unit="s", w=4, h=5),
    panel("stat", "Queue is empty in about",
          (f"sum(max by (stage) (reelrank_queue_lag{{{STAGE}}})) / sum(rate(reelrank_items_total{{{STAGE}, "
           'outcome=~"success|reused|failed"}[30m]))', "left"), unit="s", w=5, h=5),
    panel("stat", "Failed, 1 h", (f'sum(increase(reelrank_items_total{{{STAGE}, outcome="failed"}}[1h]))', "failed"),
          w=5, h=5, red=1),
    panel("timeseries", "Items per hour", (per_hour("reelrank_items_total", STAGE, "outcome"), "{{outcome}}"), stacked=True),
    panel("timeseries", "Seconds per item",
          *[(f"histogram_quantile({q}, sum by (le) (rate(reelrank_item_seconds_bucket{{{STAGE}}}[30m])))", f"p{int(q * 100)}")
            for q in (.5, .95, .99)], unit="s"),
    panel("heatmap", "Seconds per item", (f"sum by (le) (increase(reelrank_item_seconds_bucket{{{STAGE}}}[10m]))", "{{le}}")),
    panel("timeseries", "Failures by code",
          (f'sum by (code) (increase(reelrank_items_total{{{STAGE}, outcome="failed"}}[10m])) > 0', "{{code}}")),
    panel("timeseries", "Longest item under way, per worker",
          (f"max by (worker) (reelrank_inflight_oldest_seconds{{{STAGE}}})", "{{worker}}"), unit="s"),
    panel("timeseries", "Workers that make progress", (f"max by (worker) (reelrank_ready{{{STAGE}}})", "{{worker}}")),
    panel("timeseries", "Loading", (f"sum(rate(reelrank_load_seconds_sum{{{STAGE}}}[30m])) / "
                                    f"sum(rate(reelrank_load_seconds_count{{{STAGE}}}[30m]))", "mean seconds"), unit="s"),
    panel("timeseries", "Exchanges per hour",
          (per_hour("reelrank_reloads_total", STAGE, "stage"), "{{stage}} other models"),
          (per_hour("reelrank_yields_total", STAGE, "stage"), "{{stage}} given to another")),
    panel("timeseries", "Device memory", (f"max by (worker) (reelrank_device_peak_bytes{{{STAGE}}})", "{{worker}} peak"),
          (f"max by (worker) (reelrank_device_reserved_bytes{{{STAGE}}})", "{{worker}} reserved"), unit="bytes"),
    panel("timeseries", "Records that were no work", (per_hour("reelrank_undecodable_total", STAGE, "worker"), "{{worker}}")),
    panel("timeseries", "CPU of the processes", (f"avg by (worker) (process_cpu_usage{{{NS}}})", "{{worker}}"), unit="percentunit"),
    panel("timeseries", "Restarts", (f"sum by (worker) (changes(process_start_time_seconds{{{NS}}}[1h]))", "{{worker}}")),
]

RUN = f'{NS}, run=~"$run"'
run = [
    panel("bargauge", "Samples that have ended",
          (f'max by (run) (reelrank_run_samples{{{RUN}, state="done"}}) + max by (run) (reelrank_run_samples{{{RUN}, '
           f'state="failed"}}) ', "{{run}}"), w=12, h=8),
    panel("table", "Runs", (f"max by (run, state) (reelrank_run_samples{{{RUN}}})", ""), w=12, h=8,
          about="The runs that changed last. Once all samples of a closed run have ended, it is done."),
    panel("timeseries", "Progress", (f"max by (run, state) (reelrank_run_samples{{{RUN}}})", "{{run}} {{state}}"), w=12),
    panel("timeseries", "Samples per hour",
          (f'3600 * sum by (run) (deriv(reelrank_run_samples{{{RUN}, state="done"}}[30m]))', "{{run}}"), w=12),
    row("What the farm makes"),
    panel("timeseries", "Facts per hour",
          (per_hour("reelrank_flow_written_total", NS + ', topic=~".*(samples|prompts|candidates|rankings|grades)"', "topic"),
           "{{topic}}")),
    panel("timeseries", "Work without an outcome", (f"sum by (stage) (reelrank_flow_open_work{{{NS}}})", "{{stage}}")),
    panel("timeseries", "Computing time per hour",
          (f"3600 * sum by (stage) (rate(reelrank_item_seconds_sum{{{NS}}}[30m]))", "{{stage}}"), unit="s",
          about="What runs cost; report.json has it per sample."),
    panel("timeseries", "Found in the store", (f'sum(rate(reelrank_items_total{{{NS}, outcome="reused"}}[30m])) / '
                                               f'sum(rate(reelrank_items_total{{{NS}, outcome=~"success|reused"}}[30m]))', "share"),
          unit="percentunit"),
    panel("timeseries", "Dead letters",
          (f"sum by (topic, code) (increase(reelrank_flow_dead_letters_total{{{NS}}}[10m])) > 0", "{{topic}} {{code}}")),
    panel("timeseries", "Work that was emitted again",
          (f"sum by (stage) (increase(reelrank_flow_work_repeated_total{{{NS}}}[10m]))", "{{stage}}")),
]

ALIGN = f'{NS}, stage=~"align|tune"'
training = [
    panel("timeseries", "Loss", (f'max by (worker) (reelrank_figure{{{ALIGN}, figure=~"(?i).*loss.*"}})', "{{worker}}"), w=12, h=9),
    panel("timeseries", "Accuracy", (f'max by (worker) (reelrank_figure{{{ALIGN}, figure=~"(?i).*accuracy.*"}})', "{{worker}}"),
          unit="percentunit", w=12, h=9),
    panel("timeseries", "Gradient", (f'max by (worker) (reelrank_figure{{{ALIGN}, figure=~"(?i).*gradient.*"}})', "{{worker}}")),
    panel("timeseries", "All figures", (f"max by (worker, figure) (reelrank_figure{{{ALIGN}}})", "{{worker}} {{figure}}")),
    panel("table", "Latest figures", (f"max by (worker, figure) (reelrank_figure{{{ALIGN}}})", "")),
    panel("timeseries", "Trainings", (f"sum by (stage, outcome) (increase(reelrank_items_total{{{ALIGN}}}[1h]))", "{{stage}} {{outcome}}")),
    panel("timeseries", "Training under way for", (f"max by (worker) (reelrank_inflight_oldest_seconds{{{ALIGN}}})", "{{worker}}"), unit="s"),
    panel("timeseries", "Device memory", (f"max by (worker) (reelrank_device_peak_bytes{{{ALIGN}}})", "{{worker}}"), unit="bytes"),
    panel("timeseries", "Trainings that wait", (f"max by (stage) (reelrank_queue_lag{{{ALIGN}}})", "{{stage}}")),
    panel("timeseries", "GPU: tensor cores", ("avg by (Hostname, gpu) (DCGM_FI_PROF_PIPE_TENSOR_ACTIVE)", "{{Hostname}} {{gpu}}"),
          unit="percentunit"),
    panel("timeseries", "GPU power", ("sum by (Hostname, gpu) (DCGM_FI_DEV_POWER_USAGE)", "{{Hostname}} {{gpu}}"), unit="watt"),
]

FOLDER.mkdir(parents=True, exist_ok=True)
dashboard("farm", "Farm", "Whether the farm works: queues, workers, devices, flow.", farm)
dashboard("stage", "Stage", "One stage: how fast, how often it fails, who computes.", stage,
          variable("stage", "label_values(reelrank_queue_lag, stage)"))
dashboard("run", "Run", "How far runs are, and what they cost.", run, variable("run", "label_values(reelrank_run_samples, run)"))
dashboard("training", "Training", "Trainings of adapters and of the preference model.", training)
