package io.cyphermesh.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.cyphermesh.webhook",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule thePluginKnowsOnlyTheContractAndItsOwnLibrary =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "javax.crypto..",
              "io.cyphermesh.api..",
              "io.cyphermesh.webhook..",
              "com.google.gson..",
              "org.slf4j..",
              "org.jspecify..",
              "com.google.errorprone.annotations..");
}
