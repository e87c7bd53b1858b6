"""What ``/metrics`` counts. Labels are few on purpose: surface, method, class of status, never a path."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from slotport import __version__
from slotport.storage.monitoring import Figures

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: names the folder where processes of one server share what they count; set before the library is imported
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ["surface", "method", "status"]
        self._requests = Counter(
            "slotport_requests", "Answered requests, by class of status.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "slotport_request_seconds",
            "Time from a request's headers to the end of its answer.",
            ["surface"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.imported = Counter(
            "slotport_imported_slots", "Records of imports, by outcome.", ["outcome"], registry=self._registry
        )
        self.exported = Counter("slotport_exports", "Exports begun, by format.", ["format"], registry=self._registry)
        build = Gauge(
            "slotport_build_info", "The running program.", ["version"], registry=self._registry, multiprocess_mode="max"
        )
        build.labels(__version__).set(1)

    def note(self, surface: str, method: str, status: int, seconds: float) -> None:
        """Count one request; status 0 is one that was never answered."""
        kind = f"{status // 100}xx" if status else "none"
        self._requests.labels(surface, method if method in METHODS else "other", kind).inc()
        self._seconds.labels(surface).observe(seconds)

    def text(self, figures: Figures | None) -> bytes:
        """All counters in Prometheus' text format, those of all processes of this server together.

        ``figures``: of the store now; None leaves them out, and says that the database is away.
        """
        return generate_latest(self._shared()) + generate_latest(_OfStore(figures))

    def _shared(self) -> CollectorRegistry:
        if FOLDER_VARIABLE not in os.environ:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry


class _OfStore(Collector):
    """What stands in the store."""

    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """A metric each figure."""
        found = self._figures
        yield GaugeMetricFamily(
            "slotport_database_up", "1 if the database answers, and has this program's schema.", value=found is not None
        )
        if found is None:
            return
        runs = GaugeMetricFamily("slotport_runs", "Runs of exports that are not over.", labels=["state"])
        runs.add_metric(["pending"], found.runs_waiting)
        runs.add_metric(["processing"], found.runs_working)
        deliveries = GaugeMetricFamily("slotport_deliveries", "Transports of exports.", labels=["state"])
        deliveries.add_metric(["waiting"], found.deliveries_waiting)
        deliveries.add_metric(["failed"], found.deliveries_failed)
        late = GaugeMetricFamily(
            "slotport_schedule_late",
            "1 for each scheduled export that had no success for two of its periods.",
            labels=["export"],
        )
        for number in found.late:
            late.add_metric([str(number)], 1)
        yield from (runs, deliveries, late)
        yield GaugeMetricFamily(
            "slotport_run_wait_seconds", "How long a run waits that nobody works on yet.", found.longest_wait_seconds
        )
        yield GaugeMetricFamily(
            "slotport_schedule_overdue_seconds",
            "Since when a start is due that nobody dealt with: the scheduler is down.",
            found.overdue_seconds,
        )
        if found.workers is not None:
            yield GaugeMetricFamily("slotport_workers", "Processes that live and work on exports.", found.workers)
        if found.beat_seconds is not None:
            yield GaugeMetricFamily(
                "slotport_worker_beat_seconds", "Since any of these said that it lives.", found.beat_seconds
            )
