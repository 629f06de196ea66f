"""The table, what was found, and the one line that counts."""

from __future__ import annotations

from collections import Counter

from tests.conformance.deviations import Deviation
from tests.conformance.judge import Verdict
from tests.conformance.run import Run

YES, NO = "yes", "NO"
WHOLE_RUN = 10_000  # from so many requests on, what may occur has occurred


def report_on(run: Run, *, with_members: bool = False) -> str:
    """Lines to print; the last is `served and valid/documented`. `with_members` names those that were never seen."""
    verdicts = list(run.verdicts.values())
    lines = [*_table(verdicts), "", *_findings(verdicts), *_crashes(run), *_deviations(run)]
    errors = sum(count for verdict in verdicts for status, count in verdict.statuses.items() if status >= 500)
    unlisted = sum(f.count for verdict in verdicts for f in verdict.findings.values() if f.check == "server error")
    lines += _members(verdicts) if with_members else []
    lines.append(f"{run.requests} requests, {errors} answers of 5xx, of them not documented as the answer: {unlisted}")
    lines.append(f"{len(passed(verdicts))}/{len(verdicts)}")
    return "\n".join(lines)


def is_good(run: Run) -> bool:
    """Every operation passed, nothing crashed, and in a whole run no deviation is listed that never occurs."""
    verdicts = list(run.verdicts.values())
    is_whole = run.wanted >= WHOLE_RUN
    return len(passed(verdicts)) == len(verdicts) and not run.crashes and not (is_whole and unused(run))


def unused(run: Run) -> list[Deviation]:
    """Deviations that are listed and did not occur."""
    seen = _seen(run)
    return [deviation for deviation in run.judge.deviations if deviation.id not in seen]


def _seen(run: Run) -> Counter[str]:
    seen: Counter[str] = Counter()
    for verdict in run.verdicts.values():
        seen.update(verdict.deviations)
    return seen


def passed(verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.is_served and verdict.is_valid]


def _table(verdicts: list[Verdict]) -> list[str]:
    width = max(len(verdict.label) for verdict in verdicts)
    heading = f"{'operation':<{width}}  documented  served  schema-valid  members  statuses seen"
    return [heading, "-" * len(heading), *(_row(verdict, width) for verdict in verdicts)]


def _row(verdict: Verdict, width: int) -> str:
    seen = " ".join(f"{status}×{count}" for status, count in sorted(verdict.statuses.items()))
    listed = f"  ({', '.join(sorted(verdict.deviations))})" if verdict.deviations else ""
    documented = verdict.members.documented
    members = f"{len(verdict.members.seen)}/{len(documented)}" if documented else ""
    served, valid = (YES if good else NO for good in (verdict.is_served, verdict.is_valid))
    return f"{verdict.label:<{width}}  {YES:<10}  {served:<6}  {valid:<12}  {members:<7}  {seen}{listed}"


def _findings(verdicts: list[Verdict]) -> list[str]:
    lines = []
    for verdict in verdicts:
        if not verdict.is_served:
            lines.append(f"✗ {verdict.label} is never answered with success. {verdict.not_prepared}")
        for finding in verdict.findings.values():
            lines += [
                f"✗ {verdict.label}: {finding.check}, {finding.count} times, status {finding.status} ({finding.body})",
                *(f"    {line}" for line in [finding.request, *finding.objection.splitlines()] if line.strip()),
            ]
    return lines


def _members(verdicts: list[Verdict]) -> list[str]:
    return [
        f"· {verdict.label} never answered {', '.join(sorted(verdict.members.missing))}"
        for verdict in verdicts
        if verdict.is_served and verdict.members.missing
    ]


def _crashes(run: Run) -> list[str]:
    return ["The sandbox wrote to its log:", run.crashes[-6000:]] if run.crashes else []


def _deviations(run: Run) -> list[str]:
    used = ", ".join(f"{name}×{count}" for name, count in sorted(_seen(run).items())) or "none"
    dead = ", ".join(deviation.id for deviation in unused(run))
    lines = [f"Listed deviations that occurred: {used}; that did not: {dead or 'none'}"]
    if dead and run.wanted >= WHOLE_RUN:
        lines.append(f"✗ Nothing needs these rows any more, remove them from docs/contract.md: {dead}")
    return lines
