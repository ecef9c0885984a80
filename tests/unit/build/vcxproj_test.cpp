#include "build/vcxproj.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace ndiskit::build {
namespace {

// A folder with a.c, b.c, inc/ and x.rc, as a project would lie in.
class Vcxproj : public testing::Test {
  protected:
    Vcxproj() : folder_(fs::temp_directory_path() / fmt::format("ndiskit-vcxproj-{}", getpid())) {
        fs::create_directories(folder_ / "drv" / "inc");
        for (const char* name : {"drv/a.c", "drv/b.c", "Shared.c", "drv/x.rc", "drv/d.cpp"})
            std::ofstream(folder_ / name) << "\n";
    }
    ~Vcxproj() override { fs::remove_all(folder_); }

    static std::string project(const std::string& body) {
        return R"(<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <ItemGroup Label="ProjectConfigurations">
    <ProjectConfiguration Include="Release|x64"/><ProjectConfiguration Include="Debug|x64"/>
    <ProjectConfiguration Include="Release|ARM64"/>
  </ItemGroup>
  <PropertyGroup><ConfigurationType>Driver</ConfigurationType><DriverType>WDM</DriverType></PropertyGroup>
  <Import Project="$(VCTargetsPath)\Microsoft.Cpp.props" />
)" + body + "</Project>";
    }
    Result<Project> read(const std::string& text, const ProjectChoice& choice = {}) {
        return project_from_vcxproj_text(text, folder_ / "drv" / "p.vcxproj", choice);
    }
    Result<Project> read_body(const std::string& body, const ProjectChoice& choice = {}) {
        return read(project(body), choice);
    }

    fs::path folder_;
};

TEST_F(Vcxproj, sources_settings_and_name) {
    const Result<Project> read = read_body(R"(
  <PropertyGroup Condition="'$(Configuration)|$(Platform)'=='Release|x64'"><TargetName>mux</TargetName></PropertyGroup>
  <PropertyGroup Condition="'$(Configuration)|$(Platform)'=='Debug|x64'"><TargetName>muxd</TargetName></PropertyGroup>
  <ItemDefinitionGroup>
    <ClCompile>
      <PreprocessorDefinitions>%(PreprocessorDefinitions);NDIS60</PreprocessorDefinitions>
      <PreprocessorDefinitions>%(PreprocessorDefinitions);NDIS_WDM=1</PreprocessorDefinitions>
    </ClCompile>
    <Link><AdditionalDependencies>%(AdditionalDependencies);$(DDK_LIB_PATH)\NDIS.lib</AdditionalDependencies></Link>
  </ItemDefinitionGroup>
  <ItemGroup>
    <ClCompile Include="a.c"><AdditionalIncludeDirectories>INC;%(AdditionalIncludeDirectories);nowhere</AdditionalIncludeDirectories></ClCompile>
    <ClCompile Include="..\shared.C"><PreprocessorDefinitions>ONLY</PreprocessorDefinitions></ClCompile>
    <ClCompile Include="b.c"><ExcludedFromBuild>true</ExcludedFromBuild></ClCompile>
    <ResourceCompile Include="x.rc"/>
  </ItemGroup>)");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->name, "mux");
    EXPECT_FALSE(read->debug);
    ASSERT_EQ(read->sources.size(), 2u);
    EXPECT_EQ(read->sources[0].file, folder_ / "drv/a.c");
    EXPECT_EQ(read->sources[0].defines, (std::vector<std::string>{"NDIS60", "NDIS_WDM=1"}));
    EXPECT_EQ(read->sources[0].includes, std::vector<fs::path>{folder_ / "drv/inc"});
    // Names are found in the case that the file really has.
    EXPECT_EQ(read->sources[1].file, folder_ / "Shared.c");
    EXPECT_EQ(read->sources[1].defines, std::vector<std::string>{"ONLY"});
    EXPECT_EQ(read->libraries, std::vector<std::string>{"ndis"});
    ASSERT_EQ(read->resources.size(), 1u);
}

TEST_F(Vcxproj, configuration_chooses) {
    const std::string body = R"(
  <PropertyGroup Condition="'$(Configuration)'=='Debug'"><TargetName>dbg</TargetName><UseDebugLibraries>True</UseDebugLibraries></PropertyGroup>
  <ItemGroup><ClCompile Include="a.c" Condition="'$(Configuration)'=='Release'"/><ClCompile Include="b.c"/></ItemGroup>)";
    EXPECT_EQ(read_body(body)->sources.size(), 2u);
    const Result<Project> debug = read_body(body, {.configuration = "Debug"});
    ASSERT_TRUE(debug);
    EXPECT_EQ(debug->sources.size(), 1u);
    EXPECT_EQ(debug->name, "dbg");
    EXPECT_TRUE(debug->debug);
}

TEST_F(Vcxproj, wildcards_exclude_remove_update) {
    const Result<Project> read = read_body(R"(<ItemGroup>
    <ClCompile Include="*.c" Exclude="b.c"/><ClCompile Include="b.c;d.cpp"/><ClCompile Remove="b.c"/>
    <ClCompile Update="d.cpp"><BufferSecurityCheck>false</BufferSecurityCheck><AdditionalOptions>/DX=1 /Iinc /TP</AdditionalOptions></ClCompile>
  </ItemGroup>)");
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->sources.size(), 2u);
    EXPECT_EQ(read->sources[0].file.filename(), "a.c");
    EXPECT_FALSE(read->sources[1].security_checks);
    EXPECT_EQ(read->sources[1].defines, std::vector<std::string>{"X=1"});
    EXPECT_EQ(read->sources[1].includes, std::vector<fs::path>{folder_ / "drv/inc"});
}

TEST_F(Vcxproj, imports_that_exist_are_read_where_they_stand) {
    std::ofstream(folder_ / "drv/Common.props")
        << "<Project><PropertyGroup><TargetName>imported</TargetName></PropertyGroup></Project>";
    std::ofstream(folder_ / "Directory.Build.props")
        << "<Project><PropertyGroup><Early>1</Early></PropertyGroup></Project>";
    const std::string source = "<ItemGroup><ClCompile Include='a.c'/></ItemGroup>";
    EXPECT_EQ(read_body("<Import Project='common.PROPS'/>" + source)->name, "imported");
    EXPECT_EQ(
        read_body("<ImportGroup Condition=\"'$(Early)'=='1'\"><Import Project='common.props'/></ImportGroup>"
                  "<PropertyGroup><TargetName>$(TargetName)2</TargetName></PropertyGroup>" +
                  source)
            ->name,
        "imported2");
    EXPECT_EQ(read_body("<Import Project='common.props' Condition=\"exists('other')\"/>" + source)->name,
              "p");
}

TEST_F(Vcxproj, choose_takes_the_first_branch_that_holds) {
    const Result<Project> read = read_body(R"(<Choose>
      <When Condition="'$(Platform)'=='ARM64'"><PropertyGroup><TargetName>arm</TargetName></PropertyGroup></When>
      <When Condition="true"><PropertyGroup><TargetName>first</TargetName></PropertyGroup></When>
      <Otherwise><PropertyGroup><TargetName>last</TargetName></PropertyGroup></Otherwise></Choose>
      <ItemGroup><ClCompile Include="a.c"/></ItemGroup>)");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->name, "first");
}

TEST_F(Vcxproj, trace_macros_of_wpp_are_known) {
    const Result<Project> read =
        read_body(R"(<ItemGroup Label="WrappedTaskItems"><ClCompile Include="a.c; b.c">
      <WppEnabled>true</WppEnabled><WppTraceFunction>DEBUGP(LEVEL,MSG,...)</WppTraceFunction></ClCompile></ItemGroup>)");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->trace_macros, std::vector<std::string>{"DEBUGP"});
    EXPECT_EQ(read->traced_sources.size(), 2u);
    EXPECT_EQ(read->notes.size(), 1u);
}

TEST_F(Vcxproj, bad_projects_say_file_line_and_key) {
    struct Case {
        std::string text;
        const char* expected;
    };
    const std::string source = "<ItemGroup><ClCompile Include='a.c'/></ItemGroup>";
    const Case cases[] = {
        {"", "not well-formed XML"},
        {"<Project>\n<PropertyGroup>\n", "p.vcxproj:"},
        {"<Machine/>", "its root element is not <Project>"},
        {"<Project/>", "no configuration Release|x64"},
        {project("<ItemGroup>\n<ClCompile Include='gone.c'/></ItemGroup>"),
         "p.vcxproj:10 ClCompile: the source gone.c"},
        {project("<ItemGroup><ClCompile Include='x.rc'/></ItemGroup>"), "is no C, C++ or assembly source"},
        {project("<ItemGroup><MASM Include='a.asm'/></ItemGroup>" + source), "assembly for MASM"},
        {project("<PropertyGroup Condition=\"'a'=='\"/>" + source),
         "PropertyGroup: cannot understand the condition"},
        {project("<PropertyGroup><ConfigurationType>DynamicLibrary</ConfigurationType></PropertyGroup>" +
                 source),
         "ConfigurationType: the project makes a DynamicLibrary"},
        {project("<PropertyGroup><DriverType>KMDF</DriverType></PropertyGroup>" + source),
         "written for KMDF"},
        {project("<PropertyGroup><TargetName>a/b</TargetName></PropertyGroup>" + source),
         "no name for a driver"},
        {project(""), "has no sources"},
    };
    for (const Case& c : cases) {
        const Result<Project> result = read(c.text);
        ASSERT_FALSE(result) << c.text;
        EXPECT_NE(result.error().text().find(c.expected), std::string::npos) << result.error().text();
    }
    const Result<Project> platform = read_body(source, {.platform = "ARM64"});
    ASSERT_FALSE(platform);
    EXPECT_NE(platform.error().text().find("the platform is ARM64"), std::string::npos);
    EXPECT_FALSE(read_body(source, {.configuration = "Fre"}));
}

TEST_F(Vcxproj, imports_in_a_circle_end) {
    std::ofstream(folder_ / "drv/loop.props") << "<Project><Import Project='loop.props'/></Project>";
    EXPECT_FALSE(
        read_body("<Import Project='loop.props'/><ItemGroup><ClCompile Include='a.c'/></ItemGroup>"));
}

}  // namespace
}  // namespace ndiskit::build
