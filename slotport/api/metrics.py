"""What ``/metrics`` counts. Labels are few on purpose: surface, method, class of status, never a path."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from slotport import __version__

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
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
        self._late = Gauge(
            "slotport_schedule_late",
            "1 for each scheduled export that had no success for two of its periods.",
            ["export"],
            registry=self._registry,
        )
        Info("slotport_build", "The running program.", registry=self._registry).info({"version": __version__})

    def note(self, surface: str, method: str, status: int, seconds: float) -> None:
        """Count one request; status 0 is one that was never answered."""
        kind = f"{status // 100}xx" if status else "none"
        self._requests.labels(surface, method if method in METHODS else "other", kind).inc()
        self._seconds.labels(surface).observe(seconds)

    def tell_late(self, export_ids: Iterable[int]) -> None:
        """Say which scheduled exports are late now; all others are not."""
        self._late.clear()
        for number in export_ids:
            self._late.labels(str(number)).set(1)

    def text(self) -> bytes:
        """All counters in Prometheus' text format."""
        return generate_latest(self._registry)
