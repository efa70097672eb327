import { makeArtefactFolder, type ArtefactFolder } from '../../support/artefact-folder.js';
import { startPlatform, type RunningPlatform } from '../../support/start-platform.js';
import { losesRightsMeanwhile } from './artefacts-rights-lost.js';

describe('an upload that takes its time, in one process', () => {
  let place: ArtefactFolder;
  let platform: RunningPlatform;
  beforeAll(async () => {
    place = await makeArtefactFolder();
    platform = await startPlatform(place.env);
  });
  afterAll(async () => {
    await platform.stop();
    await place.remove();
  });

  losesRightsMeanwhile(() => ({ admin: platform.admin, signIn: platform.signIn, place }));
});
