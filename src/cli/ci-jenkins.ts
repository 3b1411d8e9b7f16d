import { COMMIT, splitNeeds, todoText } from './ci-needs.js';
import { type Needs, NO_NEEDS } from './init/needs.js';
import { toolVersion } from './package-info.js';

export function jenkinsPipeline(scenario: string, needs: Needs = NO_NEEDS): string {
  const { hasRelease, others } = splitNeeds(needs);
  const set = hasRelease ? ` --set "RELEASE=${COMMIT.jenkins}"` : '';
  const todo = others.map((need) => `        // ${todoText(need)}: add --set "${need.name}=..." here and below\n`);
  return `// A release under traffic, judged by zdd-verify. The build fails where the run does: \`zdd-verify explain 99\` and so on.
// Plugins: Pipeline, JUnit, HTML Publisher. The agent needs Node 20 or newer.
pipeline {
  agent any
  options {
    disableConcurrentBuilds() // one release at a time
    timeout(time: 1, unit: 'HOURS')
  }
  environment {
    ZDD_SCENARIO = ${groovyText(scenario)}
    ZDD_OUT = "reports/\${env.BUILD_NUMBER}"
  }
  stages {
    stage('Install') {
      steps {
        sh 'npm install --prefix .zdd-verify --ignore-scripts --no-audit --no-fund zdd-verify@${toolVersion()}'
      }
    }
    stage('Release under traffic') {
      steps {
${todo.join('')}        sh 'exec .zdd-verify/node_modules/.bin/zdd-verify run --out "$ZDD_OUT" "$ZDD_SCENARIO"${set}'
        // A run that proves nothing (98) fails the build. To mark it unstable instead:
        // script {
        //   int code = sh(returnStatus: true, script: 'exec .zdd-verify/node_modules/.bin/zdd-verify run --out "$ZDD_OUT" "$ZDD_SCENARIO"${set}')
        //   if (code == 98) { unstable('the run proves nothing') } else if (code != 0) { error("zdd-verify ended in \${code}") }
        // }
      }
    }
  }
  post {
    always {
      // Only where the run was killed half way: the scenario's rollback
      catchError(buildResult: 'FAILURE', stageResult: 'FAILURE') {
        sh 'node .zdd-verify/node_modules/zdd-verify/ci/undo.mjs "$ZDD_OUT" "$ZDD_SCENARIO"${set}'
      }
      archiveArtifacts artifacts: "reports/\${env.BUILD_NUMBER}/**", allowEmptyArchive: true
      // The policy under which Jenkins shows files forbids inline style and script: a stylesheet beside the page is allowed.
      catchError(buildResult: 'SUCCESS', stageResult: 'UNSTABLE') {
        sh '''
          mkdir -p "$ZDD_OUT/html"
          for run in "$ZDD_OUT"/*/; do
            [ -f "$run/journal.ndjson" ] || continue
            .zdd-verify/node_modules/.bin/zdd-verify report "$run" --html --assets dir
            cp "$run/report.html" "$run/report.css" "$ZDD_OUT/html/"
          done
        '''
      }
      junit testResults: "reports/\${env.BUILD_NUMBER}/*/junit.xml", allowEmptyResults: true
      publishHTML target: [
        reportName: 'Zero downtime',
        reportDir: "reports/\${env.BUILD_NUMBER}/html",
        reportFiles: 'report.html',
        keepAll: true,
        alwaysLinkToLastBuild: true,
        allowMissing: true
      ]
    }
  }
}
`;
}

/** A string of Groovy that holds no expression. */
function groovyText(text: string): string {
  return `'${text.replace(/[\\']/g, (found) => `\\${found}`)}'`;
}
