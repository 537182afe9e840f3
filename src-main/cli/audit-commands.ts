import { type Command, Option } from 'commander'
import { ISSUE_KINDS, LABEL_METHODS, LABEL_SCORES } from '../contract/audit-issues.ts'
import { AUDIT_PARTS } from '../contract/verdict.ts'
import {
  decideClips,
  forkVerdictSet,
  listVerdicts,
  mergeVerdictSets,
  newVerdictSet,
} from './commands/audit-decide.ts'
import { auditIssues } from './commands/audit-issues.ts'
import { applyVerdicts, exportVerdicts, listVerdictSets } from './commands/audit-verdicts.ts'
import { authorOption, datasetOption, type MakeCommand, wholeNumber } from './options.ts'

const setOption = () => new Option('--set <name>', 'verdict set; needed where there are several')

/** `soundfold audit …` */
export function addAuditCommands(program: Command, command: MakeCommand): void {
  const audit = program
    .command('audit')
    .description(
      'Labels and clips that may be wrong: find them, take over verdicts, write corrected metadata.',
    )
  command(
    'issues [runs...]',
    'Labels that runs (the latest) contradict, duplicates, and other issues.',
    audit,
  )
    .addOption(new Option('-d, --dataset <name>', 'number or name: of the data alone where no run is named'))
    .addOption(new Option('--kind <kinds...>', 'only these kinds of issues').choices([...ISSUE_KINDS]))
    .addOption(
      new Option('--method <method>', 'which labels are taken for wrong')
        .choices([...LABEL_METHODS])
        .default('prune-by-noise-rate'),
    )
    .addOption(
      new Option('--score <score>', 'by what they are ranked')
        .choices([...LABEL_SCORES])
        .default('self-confidence'),
    )
    .option('--recipe <name>', 'features by which clips are alike (clip-level numbers)')
    .option('--limit <n>', 'issues of each kind to print', wholeNumber(1), 20)
    .option('--out <file>', 'write all of them to a new file, .csv')
    .action(auditIssues)
  command('sets', 'Verdict sets of a dataset, with what they say.', audit)
    .addOption(datasetOption())
    .action(listVerdictSets)
  command('new <name>', 'Make a verdict set.', audit).addOption(datasetOption()).action(newVerdictSet)
  command(
    'decide <decision> [clips...]',
    'Say of clips, by number or file name: keep, relabel, exclude, unsure; note, a note alone; nothing, to take back what was said.',
    audit,
  )
    .addOption(datasetOption())
    .addOption(setOption())
    .option('--class <name>', 'to which class clips are relabelled')
    .option('--note <text>', 'why')
    .option('--matching <text>', 'all clips with it in their file name, recording, class or a tag')
    .option('--recordings', 'all slices of the recordings of these clips')
    .option('--final', 'settles what authors say differently')
    .addOption(authorOption())
    .action(decideClips)
  command('verdicts', 'What a verdict set says, clip by clip and author by author.', audit)
    .addOption(datasetOption())
    .addOption(setOption())
    .option('--by <author>', 'only what one author says')
    .action(listVerdicts)
  command('fork <name>', 'Copy a verdict set to a new one.', audit)
    .addOption(datasetOption())
    .addOption(setOption())
    .addOption(authorOption())
    .action(forkVerdictSet)
  command('merge <from>', 'Take what another verdict set says into one; conflicts are shown.', audit)
    .addOption(datasetOption())
    .addOption(new Option('--set <name>', 'verdict set that takes it').makeOptionMandatory())
    .addOption(
      new Option('--take <side>', 'whose word counts where both say something else').choices([
        'ours',
        'theirs',
      ]),
    )
    .option('--dry-run', 'only tell what it would do')
    .addOption(authorOption())
    .action(mergeVerdictSets)
  command(
    'apply <file>',
    'Take over the verdicts of a patch (CSV) or verdict file (JSON); what is other here is told and left out.',
    audit,
  )
    .addOption(datasetOption())
    .option('--set <name>', "verdict set to add them to (a new one, called by the file's name)")
    .option('--author <name>', "whose verdicts those of a patch are (the system's user)")
    .option('--dry-run', 'only tell what it would do')
    .action(applyVerdicts)
  command('export', 'Write what a verdict set changes: corrected metadata, patch, exclusions, report.', audit)
    .addOption(datasetOption())
    .addOption(setOption())
    .addOption(new Option('--only <parts...>', 'only these files').choices([...AUDIT_PARTS]))
    .option('--out <dir>', "new folder (one in the workspace's exports)")
    .action(exportVerdicts)
}
