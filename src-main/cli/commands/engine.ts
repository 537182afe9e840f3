import { table } from '../output.ts'
import { type GlobalOptions, withSession } from '../session.ts'

export function engine(options: GlobalOptions & { benchmark: boolean }): Promise<void> {
  return withSession(options, async ({ core, output, signal }) => {
    output.note(options.benchmark ? 'Loading and measuring each engine …' : 'Loading each engine …')
    const reports = await core.call('engines.probe', { benchmark: options.benchmark }, signal)
    const figure = (value: number | null) => (value === null ? '–' : value.toFixed(1))
    output.result(reports, () =>
      [
        table(
          ['engine', 'works', 'version', 'library', 'threads', 'forward GFLOP/s', 'backward GFLOP/s'],
          reports.map((report) => [
            report.name,
            report.available ? 'yes' : 'no',
            report.version ?? '–',
            report.libraryVersion ?? '–',
            report.threads === null ? '–' : String(report.threads),
            figure(report.forwardGflops),
            figure(report.backwardGflops),
          ]),
          [4, 5, 6],
        ),
        ...reports.filter((report) => report.reason).map((report) => `${report.name}: ${report.reason}`),
      ].join('\n'),
    )
  })
}
